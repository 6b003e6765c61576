import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createRandom, createSeededIds, createSystemClock } from '#time';
import { openTestStore } from './__fixtures__/test-kit.ts';
import { createPipelines } from './create-pipelines.ts';

const CHILD = fileURLToPath(new URL('./__fixtures__/crash-child.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'maru-pipelines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves with the signal that ended the child, or with its exit code. */
const runChild = (args: readonly string[]): Promise<string | number | null> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, ...args], {
      env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });

const countEffects = (path: string): Map<string, number> => {
  const counts = new Map<string, number>();
  if (existsSync(path)) for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
};

/** Which effect a step has. */
const EFFECT: Readonly<Record<string, string>> = { a: 'ingest-a', b: 'ingest-b', measure: 'evaluate', serve: 'publish-auto' };

async function readSteps(path: string): Promise<{ name: string; state: string }[]> {
  const store = await openTestStore(path);
  const ports = {} as Parameters<typeof createPipelines>[0]['ports'];
  const pipelines = createPipelines({ store, clock: createSystemClock(), ids: createSeededIds(), log: silentLog, ports, leaseTtlMs: 1_000 });
  const run = (await pipelines.list()).items[0];
  const steps = run === undefined ? [] : await pipelines.steps(run.id);
  await pipelines.close();
  await store.close();
  return steps.map(({ name, state }) => ({ name, state }));
}

describe('a pipeline whose process is killed', () => {
  it('finishes after enough restarts, and never repeats a step that had finished', { timeout: 60_000 }, async () => {
    const random = createRandom(7);
    const database = join(folder, 'crash.db');
    const effects = join(folder, 'effects.log');
    const finished = new Map<string, number>();
    let kills = 0;
    for (let round = 0; round < 14; round += 1) {
      // The last rounds are left alone, so that the run can end.
      const killAt = round < 12 ? 3 + Math.floor(random() * 30) : 0;
      const ended = await runChild([database, effects, String(killAt)]);
      if (ended === 'SIGKILL') kills += 1;
      else expect(ended).toBe(0);
      const counts = countEffects(effects);
      for (const [name, count] of finished) expect(`${name} ${counts.get(name)}`).toBe(`${name} ${count}`);
      for (const step of await readSteps(database)) {
        const effect = EFFECT[step.name];
        if (step.state === 'succeeded' && effect !== undefined) finished.set(effect, counts.get(effect) ?? 0);
      }
      if (finished.size === 4 && ended === 0) break;
    }

    expect(kills).toBeGreaterThanOrEqual(3);
    expect((await readSteps(database)).map((step) => step.state)).toEqual(Array(5).fill('succeeded'));
  });
});
