import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../packages/platform/src/time/index.ts';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { workersOf } from './worker-processes.ts';

const ROUNDS = Number(process.env['MARU_CRASH_ROUNDS'] ?? 20);
const SEED = Number(process.env['MARU_CRASH_SEED'] ?? 1);
const WORKERS = 3;
const CLIENTS = 8;
const folder = mkdtempSync(join(tmpdir(), 'maru-crash-workers-'));

/** One token costs a millionth of a dollar, in or out. */
const NANO_PER_TOKEN = 1000;
const ANSWER_TOKENS = 20;
const PROMPT_TOKENS = 5;

/** A model server that answers quickly, plain and streamed, and says what it has used: never more than was reserved for it. */
async function startModel(): Promise<{ url: string; close(): void }> {
  const usage = { prompt_tokens: PROMPT_TOKENS, completion_tokens: ANSWER_TOKENS, total_tokens: PROMPT_TOKENS + ANSWER_TOKENS };
  const whole = { id: 'c', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }], usage };
  const chunk = (fields: object): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...fields })}\n\n`;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (part: Buffer) => chunks.push(part));
    request.on('end', () => {
      const { stream } = JSON.parse(Buffer.concat(chunks).toString()) as { stream?: boolean };
      setTimeout(() => {
        if (stream !== true) return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'yes' }, finish_reason: null }] }));
        setTimeout(() => {
          response.write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
          response.end(`${chunk({ choices: [], usage })}data: [DONE]\n\n`);
        }, 5);
      }, 5);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const stackOf = (modelUrl: string, usd: number): string => `apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: {name: default}
spec:
  budgets: [{usd: ${usd}, window: total}]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: counted}
spec:
  provider: {name: openai-compatible, model: m, baseUrl: ${modelUrl}/v1}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 1}
`;

interface Outcome {
  readonly status: number;
  /** Of an answer that has come whole. */
  readonly requestId: string | undefined;
}

/** Sends one request on a connection of its own, so that every worker gets its part. */
async function ask(platform: PlatformProcess, options: { key?: string; stream?: boolean } = {}): Promise<Outcome> {
  const { key = platform.key, stream = false } = options;
  const body = { model: 'counted', max_tokens: ANSWER_TOKENS, stream, messages: [{ role: 'user', content: 'Is this counted once, and only once?' }] };
  const response = await fetch(`${platform.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(stream ? { ...body, stream_options: { include_usage: true } } : body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const whole = response.status === 200 && (!stream || text.trimEnd().endsWith('data: [DONE]'));
  return { status: response.status, requestId: whole ? (response.headers.get('x-request-id') ?? '') : undefined };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until all workers serve, and none of them is the one that was killed. */
async function untilReplaced(platform: PlatformProcess, killed: number): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    const metrics = workersOf(platform.child.pid ?? 0).includes(killed) ? '' : await readMetrics(platform);
    if (metrics.includes(`maru_workers_serving ${WORKERS}\n`)) return;
    await pause(50);
  }
  throw new Error(`no worker took the place of ${killed}:\n${platform.output()}`);
}

/** Empty while the connection is cut. */
const readMetrics = (platform: PlatformProcess): Promise<string> =>
  fetch(`${platform.url}/metrics`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5000) })
    .then((response) => response.text())
    .catch(() => '');

interface Row {
  readonly request_id: string;
  readonly cost_nano: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

function readMoney(): { rows: readonly Row[]; summed: number; spent: number } {
  const database = new DatabaseSync(join(folder, 'money', 'maru.sqlite'));
  try {
    const rows = database.prepare('select request_id, cost_nano, input_tokens, output_tokens from charge').all() as unknown as Row[];
    const { summed } = database.prepare('select sum(cost_nano) as summed from spend_hour').get() as { summed: number };
    const { spent } = database.prepare("select sum(spent) as spent from quota_spent where quota_id like '%default%'").get() as { spent: number };
    return { rows, summed, spent };
  } finally {
    database.close();
  }
}

describe(`${WORKERS} workers, one of which is killed in each of ${ROUNDS} rounds with seed ${SEED}`, () => {
  const started: PlatformProcess[] = [];
  const start = async (name: string, stack: string): Promise<PlatformProcess> => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, stack);
    const platform = await startPlatformProcess({ dataDir: join(folder, name), files: [file], environment: { MARU_WORKERS: String(WORKERS) } });
    started.push(platform);
    return platform;
  };

  afterAll(async () => {
    for (const platform of started) await platform.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('lose no acknowledged charge, charge nothing twice, never overshoot the budget, and give back what the dead have held', async () => {
    const random = createRandom(SEED);
    const model = await startModel();
    const costOfOne = (PROMPT_TOKENS + ANSWER_TOKENS) * NANO_PER_TOKEN;
    // Enough for some hundred answers per round: the end of the money comes while workers are still being killed.
    const capNano = Math.max(2000, ROUNDS * 100) * costOfOne;
    const platform = await start('money', stackOf(model.url, capNano / 1e9));
    const acknowledged: string[] = [];
    const statuses = new Map<number, number>();
    let stopped = false;
    const client = async (): Promise<void> => {
      while (!stopped) {
        // A worker that is killed cuts its connections: that request was not acknowledged.
        const outcome = await ask(platform, { stream: random() < 0.5 }).catch(() => ({ status: 0, requestId: undefined }));
        statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
        if (outcome.requestId !== undefined) acknowledged.push(outcome.requestId);
        if (outcome.status !== 200) await pause(50);
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);

    for (let round = 0; round < ROUNDS; round += 1) {
      await pause(1000 + random() * 700);
      const workers = workersOf(platform.child.pid ?? 0);
      const victim = workers[Math.floor(random() * workers.length)] ?? 0;
      process.kill(victim, 'SIGKILL');
      await untilReplaced(platform, victim);
    }
    stopped = true;
    await Promise.all(clients);
    // With nobody else about, the last of the money can be had: a dead worker keeps nothing.
    let last = 200;
    while (last === 200) {
      const outcome = await ask(platform);
      last = outcome.status;
      if (outcome.requestId !== undefined) acknowledged.push(outcome.requestId);
    }
    expect(await platform.stop('SIGTERM')).toBe(0);
    model.close();

    const { rows, summed, spent } = readMoney();
    const charged = new Map<string, number>();
    for (const row of rows) charged.set(row.request_id, (charged.get(row.request_id) ?? 0) + 1);
    const total = rows.reduce((sum, row) => sum + row.cost_nano, 0);
    process.stdout.write(`${acknowledged.length} answers acknowledged, ${rows.length} charged, answers by status ${JSON.stringify([...statuses])}\n`);
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
    expect(acknowledged.filter((id) => charged.get(id) !== 1)).toEqual([]);
    expect([...charged.values()].filter((count) => count !== 1)).toEqual([]);
    expect(rows.filter((row) => row.input_tokens !== PROMPT_TOKENS || row.output_tokens !== ANSWER_TOKENS)).toEqual([]);
    expect([summed, spent]).toEqual([total, total]);
    expect(total).toBeLessThanOrEqual(capNano);
    expect([...statuses.keys()].filter((status) => ![0, 200, last].includes(status))).toEqual([]);
    // What a request reserves is more than it costs: its prompt is estimated. Less than that is left.
    expect(capNano - total).toBeLessThan(3 * costOfOne);
  });

  it('hold the rate of a key exactly over all workers', async () => {
    const model = await startModel();
    const platform = await start('rate', stackOf(model.url, 1000));
    const made = await fetch(`${platform.url}/api/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'fifty', limits: { requestsPerMinute: 50 } }),
    });
    const { key, secret } = (await made.json()) as { key: { id: string }; secret: string };

    const outcomes: number[] = [];
    // Fewer at once than a busy machine may refuse for being too many.
    for (let round = 0; round < 5; round += 1)
      outcomes.push(...(await Promise.all(Array.from({ length: 40 }, async () => (await ask(platform, { key: secret })).status))));

    expect(outcomes.filter((status) => status === 200)).toHaveLength(50);
    expect(outcomes.filter((status) => status === 429)).toHaveLength(150);
    // A key that is revoked is refused by every worker as soon as that is acknowledged.
    await fetch(`${platform.url}/api/v1/keys/${key.id}`, { method: 'DELETE', headers: { authorization: `Bearer ${platform.key}` } });
    const after = await Promise.all(Array.from({ length: 30 }, async () => (await ask(platform, { key: secret })).status));
    expect(new Set(after)).toEqual(new Set([401]));
    expect(await platform.stop('SIGTERM')).toBe(0);
    model.close();
  });
});
