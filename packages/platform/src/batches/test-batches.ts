import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import type { BatchLimits } from './batch-context.ts';
import type { BatchInfo } from './batch-info.ts';
import { type Batches, createBatches } from './create-batches.ts';
import { createFiles, type Files } from './files.ts';
import type { BatchPorts, LineReply, LineRequest } from './ports.ts';

export const owner = { tenant: 'team-a', keyId: 'key_1' };

export const requestOf = (customId: string, more: object = {}): string =>
  JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'auto', messages: [{ role: 'user', content: customId }], ...more },
  });

export const okReply = (text: string): LineReply => ({
  status: 200,
  requestId: `req_${text}`,
  body: JSON.stringify({ choices: [{ message: { content: text } }] }),
});

/** The question of a request. */
export const questionOf = (request: LineRequest): string =>
  (JSON.parse(Buffer.from(request.body).toString()) as { messages: { content: string }[] }).messages[0]?.content ?? '';

export interface Bench {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly files: Files;
  readonly folder: string;
  batches: Batches;
  upload(text: string, tenant?: string): Promise<string>;
  submit(text: string, tenant?: string): Promise<BatchInfo>;
  /** Lets time pass until the batch is over. */
  over(id: string, tenant?: string): Promise<BatchInfo>;
  content(id: string | null, tenant?: string): Promise<Record<string, unknown>[]>;
  /** Starts another process on the same database and folder. */
  restart(options?: BenchOptions): void;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly invoke?: BatchPorts['invoke'];
  readonly complete?: BatchPorts['complete'];
  readonly remote?: BatchPorts['remote'];
  readonly spare?: () => number;
  readonly limits?: Partial<BatchLimits>;
}

export async function setUpBatches(options: BenchOptions = {}): Promise<Bench> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createFakeClock();
  const folder = mkdtempSync(join(tmpdir(), 'maru-batches-'));
  const files = createFiles({ store, clock, ids: createSeededIds(3), folder });
  let processes = 0;
  const ids = createSeededIds(4);
  const make = (own: BenchOptions): Batches => {
    processes += 1;
    const ports: BatchPorts = {
      invoke: own.invoke ?? ((request) => Promise.resolve(okReply(questionOf(request)))),
      complete: own.complete ?? ((request) => Promise.resolve(okReply(questionOf(request)))),
      remote: own.remote ?? (() => undefined),
      spare: own.spare ?? (() => 100),
    };
    return createBatches({ store, files, clock, ids, log: silentLog, ports, holder: `process-${processes}`, limits: own.limits ?? {} });
  };
  const bench: Bench = {
    store,
    clock,
    files,
    folder,
    batches: make(options),
    async upload(text, tenant = owner.tenant) {
      const source = (async function* () {
        yield Buffer.from(text);
      })();
      return (await files.receive({ tenant, keyId: owner.keyId, filename: 'in.jsonl', source, settings: () => Promise.resolve({ purpose: 'batch' }) })).id;
    },
    async submit(text, tenant = owner.tenant) {
      const id = await bench.upload(text, tenant);
      return bench.batches.create({ tenant, keyId: owner.keyId }, { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' });
    },
    async over(id, tenant = owner.tenant) {
      for (let step = 0; step < 3000; step += 1) {
        const batch = await bench.batches.get(tenant, id);
        if (batch.endedMs !== null) return batch;
        await clock.advance(50);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return bench.batches.get(tenant, id);
    },
    async content(id, tenant = owner.tenant) {
      if (id === null) return [];
      let text = '';
      for await (const chunk of (await files.read(tenant, id)).bytes) text += chunk.toString();
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    restart(own = options) {
      bench.batches = make(own);
      bench.batches.start();
    },
    async close() {
      await bench.batches.close();
      await store.close();
    },
  };
  return bench;
}
