import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBatches, createFiles } from '../../packages/platform/src/batches/index.ts';
import { createDatabaseStore } from '../../packages/platform/src/cache/index.ts';
import { migrateStore, openStore, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createFakeClock, createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-stored-'));
const owner = { tenant: 'a', keyId: 'key_1' };
let postgres: TestPostgres;
let store: Store;

beforeAll(async () => {
  postgres = await startPostgres();
  store = await openStore({ url: await postgres.createDatabase() });
  await migrateStore(store);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('on PostgreSQL', () => {
  it('the cache gives back bytes, forgets in time and stays within its room', async () => {
    const clock = createFakeClock(1000);
    const answers = createDatabaseStore({ store, clock, maxBytes: 20_000 });
    await answers.set('k', Buffer.from([0, 255, 10]), { tenant: 't', expiresMs: 2000 });
    await answers.set('k', Buffer.from([1, 254, 13]), { tenant: 't', expiresMs: 3000 });
    expect(await answers.get('k')).toEqual(Buffer.from([1, 254, 13]));
    await clock.advance(2000);
    expect(await answers.get('k')).toBeUndefined();

    for (let index = 0; index < 192; index += 1) {
      await clock.advance(1);
      await answers.set(`k${index}`, Buffer.alloc(200), { tenant: 't', expiresMs: 99_999_999 });
    }

    const { total } = await store.db
      .selectFrom('cache_entry')
      .select((eb) => eb.fn.sum<number>('size_bytes').as('total'))
      .executeTakeFirstOrThrow();
    expect(total).toBeLessThanOrEqual(20_000);
  });

  it('a batch goes from its file to its output', async () => {
    const clock = createSystemClock();
    const files = createFiles({ store, clock, ids: createSeededIds(1), folder });
    const invoke = async ({ body }: { body: Uint8Array }) => {
      const { fails } = JSON.parse(Buffer.from(body).toString()) as { fails?: boolean };
      return { status: fails === true ? 400 : 200, requestId: 'req', body: '{"ok":true}' };
    };
    const batches = createBatches({
      store,
      files,
      clock,
      ids: createSeededIds(2),
      log: silentLog,
      ports: { invoke, complete: () => Promise.reject(new TypeError('nothing goes to a provider')), remote: () => undefined, spare: () => 8 },
      holder: 'test',
    });
    const line = (index: number): string =>
      JSON.stringify({ custom_id: `n${index}`, url: '/v1/embeddings', body: { model: 'm', input: 'x', ...(index % 10 === 0 ? { fails: true } : {}) } });
    const source = (async function* () {
      yield Buffer.from(Array.from({ length: 700 }, (_, index) => line(index)).join('\n'));
    })();
    const file = await files.receive({ ...owner, filename: 'in.jsonl', source, settings: () => Promise.resolve({ purpose: 'batch' }) });
    let batch = await batches.create(owner, { input_file_id: file.id, endpoint: '/v1/embeddings', completion_window: '24h' });
    while (batch.endedMs === null) {
      await clock.sleep(50);
      batch = await batches.get('a', batch.id);
    }
    await batches.close();

    expect(batch).toMatchObject({ state: 'completed', total: 700, completed: 630, failed: 70 });
    let text = '';
    for await (const chunk of (await files.read('a', batch.outputFileId ?? '')).bytes) text += chunk.toString();
    const names = text
      .trim()
      .split('\n')
      .map((row) => (JSON.parse(row) as { custom_id: string }).custom_id);
    expect(names).toEqual(Array.from({ length: 700 }, (_, index) => index).flatMap((index) => (index % 10 === 0 ? [] : [`n${index}`])));
    expect((await files.list('a', { limit: 2 })).more).toBe(true);
    expect((await batches.list('a', { limit: 10 })).batches).toHaveLength(1);
  });
});
