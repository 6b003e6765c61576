import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knowledgeBaseKind } from '../../packages/api/src/resources/index.ts';
import { createKnowledge, type Knowledge } from '../../packages/platform/src/knowledge/index.ts';
import { migrateStore, openStore, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

const spec = knowledgeBaseKind.spec.parse({ sources: [{ path: 'docs.md' }, { path: 'more.txt' }], embedding: 'fixed' });
const { signal } = new AbortController();

describe('knowledge of two processes on one PostgreSQL', () => {
  let postgres: TestPostgres;
  let root: string;
  const stores: Store[] = [];
  const rooms: Knowledge[] = [];
  let release: () => void = () => undefined;
  let gate: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'maru-knowledge-'));
    postgres = await startPostgres();
    const url = await postgres.createDatabase();
    const clock = createSystemClock();
    for (let index = 0; index < 2; index += 1) {
      const store = await openStore({ url });
      stores.push(store);
      const embedder = {
        name: 'fixed',
        embed: async (texts: readonly string[]) => {
          await gate;
          return texts.map((text) => Float32Array.of(text.length, 1, 0.5));
        },
      };
      rooms.push(createKnowledge({ store, clock, ids: createIds(() => clock.nowMs()), log: silentLog, embed: () => embedder }));
    }
    await migrateStore(stores[0] ?? expect.unreachable());
  });

  afterAll(async () => {
    for (const room of rooms) await room.close();
    for (const store of stores) await store.close();
    await postgres.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('shows to one what the other has read, changed and removed', async () => {
    const [writer, reader] = rooms as [Knowledge, Knowledge];
    writeFileSync(join(root, 'docs.md'), '# Draining\n\nDrain the node before a reboot. 노드를 비웁니다.\n');
    writeFileSync(join(root, 'more.txt'), Buffer.from('\ufeffzero\0character', 'utf16le'));
    expect(await writer.ingest('kb', { spec, root, signal })).toMatchObject({ ingested: 2, failed: [] });

    expect((await reader.search('kb', '노드 비우기', { signal }))[0]).toMatchObject({ citation: 'docs.md § Draining', page: null });
    expect(await reader.status('kb')).toMatchObject({ state: 'ready', documents: 2, passages: 2 });
    writeFileSync(join(root, 'docs.md'), '# Prices\n\nNothing about nodes.\n');
    await writer.ingest('kb', { spec, root, signal });

    const [first] = await reader.search('kb', 'prices', { signal });
    expect(first?.citation).toBe('docs.md § Prices');
    expect(await writer.passage('kb', first?.id ?? '')).toMatchObject({ text: '# Prices\n\nNothing about nodes.' });
    await writer.remove('kb');
    await expect(reader.search('kb', 'prices', { signal })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lets only one of them read a base at a time', async () => {
    const [first, second] = rooms as [Knowledge, Knowledge];
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const started = Promise.withResolvers<void>();
    const running = first.ingest('kb2', { spec, root, signal, onEvent: () => started.resolve() });
    await started.promise;

    await expect(second.ingest('kb2', { spec, root, signal })).rejects.toMatchObject({ code: 'conflict', retryAfterS: 15 });
    release();
    expect((await running).ingested).toBe(2);
    expect(await second.ingest('kb2', { spec, root, signal })).toMatchObject({ ingested: 0, unchanged: 2 });
  });
});
