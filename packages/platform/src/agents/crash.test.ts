import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Store } from '#store';
import { createRandom } from '#time';
import { openTestStore } from './__fixtures__/test-kit.ts';

const CHILD = fileURLToPath(new URL('./__fixtures__/crash-child.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'maru-agents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves with the signal that ended the child, or with its exit code. */
const runChild = (args: readonly string[]): Promise<string | number | null> =>
  new Promise((resolve, reject) => {
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') };
    const child = spawn(process.execPath, [CHILD, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 60_000, killSignal: 'SIGKILL' });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });

const countEffects = (path: string): Map<string, number> => {
  const counts = new Map<string, number>();
  if (existsSync(path)) for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
};

interface Left {
  readonly runs: { id: string; agent: string; state: string; output: string | null }[];
  readonly steps: { run_id: string; step_index: number; kind: string; state: string; output: string | null }[];
  readonly completed: { call_id: string; arguments: string; result: string | null }[];
}

async function readWhatIsLeft(store: Store): Promise<Left> {
  return {
    runs: await store.db.selectFrom('agent_run').select(['id', 'agent', 'state', 'output']).execute(),
    steps: await store.db
      .selectFrom('agent_step')
      .select(['run_id', 'step_index', 'kind', 'state', 'output'])
      .orderBy('run_id')
      .orderBy('step_index')
      .execute(),
    completed: await store.db.selectFrom('agent_tool_call').select(['call_id', 'arguments', 'result']).where('state', '=', 'completed').execute(),
  };
}

interface Outcome {
  readonly kills: number;
  readonly left: Left;
  readonly effects: Map<string, number>;
}

/** Kills and restarts the process until its runs have ended; checks after every kill that nothing is done twice that had been completed. */
async function torture(options: { seed: number; kills: number; reach: number }): Promise<Outcome> {
  const random = createRandom(options.seed);
  const database = join(folder, 'crash.db');
  const log = join(folder, 'effects.log');
  const store = await openTestStore(database);
  const doneCalls = new Map<string, { count: number; result: string | null }>();
  const doneSteps = new Map<string, string | null>();
  let kills = 0;
  for (let round = 0; round < options.kills + 2; round += 1) {
    const killAt = kills < options.kills ? 5 + Math.floor(random() * options.reach) : 0;
    const ended = await runChild([database, log, String(killAt)]);
    if (ended === 'SIGKILL') kills += 1;
    else expect(ended).toBe(0);

    const counts = countEffects(log);
    const left = await readWhatIsLeft(store);
    for (const [url, done] of doneCalls) expect(`${url} ${counts.get(url)}`).toBe(`${url} ${done.count}`);
    for (const call of left.completed) {
      const { url } = JSON.parse(call.arguments) as { url?: string };
      if (url === undefined) continue;
      const known = doneCalls.get(url);
      if (known === undefined) doneCalls.set(url, { count: counts.get(url) ?? 0, result: call.result });
      else expect(call.result).toBe(known.result);
    }
    for (const step of left.steps) {
      const key = `${step.run_id} ${step.step_index}`;
      if (doneSteps.has(key)) expect([key, step.state, step.output]).toEqual([key, 'succeeded', doneSteps.get(key)]);
      else if (step.state === 'succeeded') doneSteps.set(key, step.output);
    }
    if (ended === 0) break;
  }
  const left = await readWhatIsLeft(store);
  await store.close();
  return { kills, left, effects: countEffects(log) };
}

describe('agents whose process is killed again and again', () => {
  it('finish, and repeat no completed call', { timeout: 120_000 }, async () => {
    const { kills, left, effects } = await torture({ seed: 11, kills: 14, reach: 45 });

    expect(kills).toBeGreaterThanOrEqual(10);
    expect(left.runs.map((run) => [run.agent, run.state]).sort()).toEqual([
      ['plan-execute-evaluate', 'succeeded'],
      ['react', 'succeeded'],
    ]);
    for (const run of left.runs) {
      expect(JSON.parse(run.output ?? '{}')).toMatchObject({ text: 'All four were read.', toolCalls: 5 });
      const steps = left.steps.filter((step) => step.run_id === run.id);
      expect(steps.map((step) => step.step_index)).toEqual(steps.map((_, index) => index));
      expect(new Set(steps.map((step) => step.state))).toEqual(new Set(['succeeded']));
      for (const url of ['one', 'two', 'three', 'four']) expect(effects.get(`https://example.com/${run.agent}/${url}`)).toBeGreaterThanOrEqual(1);
    }
    expect(left.completed).toHaveLength(10);
  });
});
