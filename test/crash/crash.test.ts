import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../packages/platform/src/time/index.ts';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { startCountedServer } from './counted-server.ts';
import { type LoadResult, sendLoad } from './load.ts';
import { writeDocument, writeStack } from './stack.ts';

const ROUNDS = Number(process.env['MARU_CRASH_ROUNDS'] ?? 20);
const SEED = Number(process.env['MARU_CRASH_SEED'] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'maru-crash-'));
const dataDir = join(folder, 'data');

/** Tool calls that were completed in the database, by the address that they fetched. */
function completedCalls(): ReadonlySet<string> {
  const database = new DatabaseSync(join(dataDir, 'maru.sqlite'));
  try {
    const rows = database.prepare("select arguments from agent_tool_call where state = 'completed'").all() as { arguments: string }[];
    return new Set(rows.map((row) => new URL((JSON.parse(row.arguments) as { url: string }).url).pathname));
  } finally {
    database.close();
  }
}

describe(`${ROUNDS} rounds of kill -9 with seed ${SEED}`, () => {
  const result: LoadResult = { answers: [], agentRuns: [], pipelineRuns: [] };
  const repeated: string[] = [];

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loses nothing that was acknowledged, repeats no completed tool call, and charges what was used', async () => {
    const random = createRandom(SEED);
    const file = writeStack(folder);
    const counted = await startCountedServer();
    const start = (): Promise<PlatformProcess> => startPlatformProcess({ dataDir, files: [file], environment: { MARU_ALLOW_HOSTS: '127.0.0.1' } });

    for (let round = 0; round < ROUNDS; round += 1) {
      const platform = await start();
      let stopped = false;
      const load = sendLoad({ platform, random, countedUrl: counted.url, round, stopped: () => stopped, into: result });
      // Some are killed before the first answer, however slow the machine is, and most after it.
      if (random() < 0.7) await firstAnswer(result);
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 1500));
      stopped = true;
      await platform.stop('SIGKILL');
      await load;
      const done = completedCalls();
      const before = new Map([...done].map((path) => [path, counted.calls.get(path) ?? 0]));
      for (const [path, calls] of seen) if (done.has(path) && (counted.calls.get(path) ?? 0) > calls) repeated.push(path);
      for (const [path, calls] of before) if (!seen.has(path)) seen.set(path, calls);
      writeDocument(folder, Math.floor(random() * 12), round + 1);
    }

    const last = await start();
    await allEnded(last, [...result.agentRuns, ...result.pipelineRuns]);
    const states = await statesOf(last, [...result.agentRuns, ...result.pipelineRuns]);
    await ingest(last);
    expect(await last.stop('SIGTERM')).toBe(0);
    for (const [path, calls] of seen) if ((counted.calls.get(path) ?? 0) > calls) repeated.push(path);
    await counted.close();

    expect(repeated).toEqual([]);
    expect(states.filter((state) => state.state !== 'succeeded')).toEqual([]);
    checkMoney(result);
    checkKnowledge();
    process.stdout.write(
      `${result.answers.length} answers, ${result.agentRuns.length} agent runs and ${result.pipelineRuns.length} pipeline runs were acknowledged; 0 lost, 0 tool calls repeated\n`,
    );
  });

  /** Calls per path at the moment when its tool call was first seen completed. */
  const seen = new Map<string, number>();
});

/** Resolves when there is one answer more than now; after half a minute it is left to the checks to say that there was none. */
async function firstAnswer(result: LoadResult): Promise<void> {
  const before = result.answers.length;
  for (let attempt = 0; attempt < 1500 && result.answers.length === before; attempt += 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function statesOf(platform: PlatformProcess, runs: readonly string[]): Promise<{ id: string; state: string; error: unknown }[]> {
  return Promise.all(
    runs.map(async (id) => {
      const response = await fetch(`${platform.url}/api/v1/runs/${id}`, { headers: { authorization: `Bearer ${platform.key}` } });
      const { run } = (await response.json()) as { run?: { state: string; error?: unknown } };
      return { id, state: run?.state ?? `lost (${response.status})`, error: run?.error };
    }),
  );
}

async function allEnded(platform: PlatformProcess, runs: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const states = await statesOf(platform, runs);
    if (states.every((state) => !['queued', 'running', 'waiting'].includes(state.state))) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function ingest(platform: PlatformProcess): Promise<void> {
  const headers = { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' };
  const started = await fetch(`${platform.url}/api/v1/knowledge/topics/ingestions`, { method: 'POST', headers, body: '{}' });
  const { run } = (await started.json()) as { run: { id: string } };
  await allEnded(platform, [run.id]);
}

/** Every acknowledged answer has exactly one charge over exactly its tokens, and the sums agree with the charges. */
function checkMoney(result: LoadResult): void {
  const database = new DatabaseSync(join(dataDir, 'maru.sqlite'));
  const rows = database.prepare('select * from charge').all() as Record<string, number | string>[];
  const byRequest = new Map<string, Record<string, number | string>[]>();
  for (const row of rows) byRequest.set(String(row['request_id']), [...(byRequest.get(String(row['request_id'])) ?? []), row]);
  const wrong = result.answers.filter((answer) => {
    const charges = byRequest.get(answer.requestId) ?? [];
    const [charge] = charges;
    if (charges.length !== 1 || charge === undefined) return true;
    const prompt = Number(charge['input_tokens']) + Number(charge['cache_read_tokens']) + Number(charge['cache_write_tokens']);
    return prompt !== answer.promptTokens || Number(charge['output_tokens']) + Number(charge['reasoning_tokens']) !== answer.completionTokens;
  });
  const total = (database.prepare('select sum(cost_nano) as total from charge').get() as { total: number }).total;
  const summed = (database.prepare('select sum(cost_nano) as total from spend_hour').get() as { total: number }).total;
  database.close();
  expect(result.answers.length).toBeGreaterThan(ROUNDS / 2);
  expect(wrong).toEqual([]);
  expect(summed).toBe(total);
}

/** Every document is there once, with its passages. */
function checkKnowledge(): void {
  const database = new DatabaseSync(join(dataDir, 'maru.sqlite'));
  const documents = database.prepare('select path, count(*) as copies from knowledge_document group by path').all() as { path: string; copies: number }[];
  database.close();
  expect(documents.map((document) => document.copies)).toEqual(Array.from({ length: 12 }, () => 1));
}
