import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../packages/platform/src/time/index.ts';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';

const ROUNDS = Math.min(Number(process.env['MARU_CRASH_ROUNDS'] ?? 20), 20);
const SEED = Number(process.env['MARU_CRASH_SEED'] ?? 1);
const LINES = 120;
const folder = mkdtempSync(join(tmpdir(), 'maru-crash-batches-'));
const dataDir = join(folder, 'data');

/** A model server that counts how often each question came. */
async function startCountedModel(): Promise<{ url: string; calls: Map<string, number>; close(): Promise<void> }> {
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const question = (JSON.parse(Buffer.concat(chunks).toString()) as { messages: { content: string }[] }).messages[0]?.content ?? '';
      calls.set(question, (calls.get(question) ?? 0) + 1);
      setTimeout(() => {
        const answer = {
          id: 'c',
          object: 'chat.completion',
          choices: [{ index: 0, message: { role: 'assistant', content: question }, finish_reason: 'stop' }],
        };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ...answer, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }));
      }, 30);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const send = (platform: PlatformProcess, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${platform.key}`, ...(init.headers as Record<string, string> | undefined) },
    signal: AbortSignal.timeout(20_000),
  });

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly output_file_id: string | null;
  readonly request_counts: { readonly total: number; readonly completed: number; readonly failed: number };
}

async function submit(platform: PlatformProcess, round: number): Promise<{ id: string; names: string[] } | undefined> {
  const names = Array.from({ length: LINES }, (_, index) => `r${round}-${index}`);
  const lines = names.map((name) =>
    JSON.stringify({ custom_id: name, method: 'POST', url: '/v1/chat/completions', body: { model: 'counted', messages: [{ role: 'user', content: name }] } }),
  );
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new Blob([lines.join('\n')]), 'in.jsonl');
  const file = (await (await send(platform, '/v1/files', { method: 'POST', body: form })).json()) as { id: string };
  const body = JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const response = await send(platform, '/v1/batches', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return response.status === 200 ? { id: ((await response.json()) as Batch).id, names } : undefined;
}

/** Lines whose outcome is in the database. */
function endedLines(): readonly string[] {
  const database = new DatabaseSync(join(dataDir, 'maru.sqlite'));
  try {
    return (database.prepare('select custom_id from batch_line where outcome is not null').all() as { custom_id: string }[]).map((row) => row.custom_id);
  } finally {
    database.close();
  }
}

describe(`batches over ${ROUNDS} rounds of kill -9 with seed ${SEED}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('end with every line answered once, in order, and run no line again that had ended', async () => {
    const random = createRandom(SEED);
    const model = await startCountedModel();
    const file = join(folder, 'stack.yaml');
    writeFileSync(
      file,
      `apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: { name: counted }\nspec:\n  provider: { name: openai-compatible, model: counted, baseUrl: ${model.url} }\n  capabilities: [chat]\n`,
    );
    const start = (): Promise<PlatformProcess> => startPlatformProcess({ dataDir, files: [file], environment: { MARU_ALLOW_HOSTS: '127.0.0.1' } });
    const accepted: { id: string; names: string[] }[] = [];
    /** How often a line had run when its outcome was first seen in the database. */
    const settled = new Map<string, number>();
    const look = (): void => {
      for (const name of endedLines()) if (!settled.has(name)) settled.set(name, model.calls.get(name) ?? 0);
    };

    for (let round = 0; round < ROUNDS; round += 1) {
      const platform = await start();
      if (round % 3 === 0) {
        const batch = await submit(platform, round);
        if (batch !== undefined) accepted.push(batch);
      }
      await new Promise((resolve) => setTimeout(resolve, random() * 600));
      await platform.stop('SIGKILL');
      look();
    }
    const last = await start();
    const outputs: { batch: Batch; rows: string[] }[] = [];
    for (const { id } of accepted) {
      let batch = (await (await send(last, `/v1/batches/${id}`)).json()) as Batch;
      while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        batch = (await (await send(last, `/v1/batches/${id}`)).json()) as Batch;
      }
      const text = await (await send(last, `/v1/files/${batch.output_file_id ?? ''}/content`)).text();
      outputs.push({
        batch,
        rows: text
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id),
      });
    }
    expect(await last.stop('SIGTERM')).toBe(0);
    await model.close();

    const repeated = [...settled].filter(([name, calls]) => (model.calls.get(name) ?? 0) > calls).map(([name]) => name);
    const twice = [...model.calls].filter(([, calls]) => calls > 1).length;
    expect(accepted.length).toBeGreaterThan(0);
    expect(outputs.map(({ batch }) => [batch.status, batch.request_counts.completed])).toEqual(accepted.map(() => ['completed', LINES]));
    for (const [index, { rows }] of outputs.entries()) expect(rows).toEqual(accepted[index]?.names);
    expect(repeated).toEqual([]);
    process.stdout.write(
      `${accepted.length} batches with ${accepted.length * LINES} lines were accepted; 0 lost, 0 that had ended ran again, ${twice} ran again because the kill came before their outcome\n`,
    );
  });
});
