import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { type KnowledgeBaseSpec, knowledgeBaseKind } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { createKnowledge, type Knowledge } from './create-knowledge.ts';
import type { IngestEvent } from './ingest/ingest-report.ts';
import type { Embedder } from './ports.ts';

/** Counts letters: deterministic, and enough to have a vector side. */
const letters: Embedder = {
  name: 'letters',
  dimension: 26,
  embed: async (texts) =>
    texts.map((text) => {
      const vector = new Float32Array(26);
      for (const letter of text.toLowerCase().replace(/[^a-z]/g, '')) vector[letter.charCodeAt(0) - 97] = (vector[letter.charCodeAt(0) - 97] ?? 0) + 1;
      return vector;
    }),
};

let root: string;
let store: Store;
let knowledge: Knowledge;
let embedder: Embedder;
const { signal } = new AbortController();

const write = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
const specOf = (spec: object = {}): KnowledgeBaseSpec => knowledgeBaseKind.spec.parse({ sources: [{ path: 'docs' }], embedding: 'letters', ...spec });
const open = (): Knowledge => createKnowledge({ store, clock: createFakeClock(), ids: createSeededIds(), log: silentLog, embed: () => embedder });
const ingest = (spec = specOf()) => knowledge.ingest('kb', { spec, root, signal });
const search = async (query: string): Promise<string[]> => (await knowledge.search('kb', query, { signal })).map((passage) => passage.citation);

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'maru-knowledge-'));
  embedder = letters;
  store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  knowledge = open();
  write('docs/guide.md', '# Guide\n\n## Installing\n\nRun the installer and wait.\n\n## Removing\n\nRun the remover.\n');
  write('docs/ko/안내.txt', '스팟 인스턴스는 2분 전에 알림이 옵니다.');
});

afterEach(async () => {
  await knowledge.close();
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

describe('ingestion', () => {
  it('reads documents and finds their passages by place', async () => {
    const report = await ingest();

    expect(report).toMatchObject({ total: 2, ingested: 2, unchanged: 0, removed: 0, failed: [], passages: 3 });
    const [first] = await knowledge.search('kb', 'how do I install it?', { signal });
    expect(first).toMatchObject({
      citation: 'guide.md § Installing',
      document: 'guide.md',
      title: 'Guide',
      headings: ['Guide', 'Installing'],
      heading: 'Installing',
      anchor: 'installing',
      page: null,
      text: '# Guide\n\n## Installing\n\nRun the installer and wait.',
    });
    expect(first?.parts.bm25).toBeGreaterThan(0);
    expect(await search('스팟 알림')).toContain('ko/안내.txt');
  });

  it('keeps offsets that cut the passage out of the text of its document', async () => {
    await ingest();

    for (const passage of await knowledge.search('kb', 'run the installer 알림', { topK: 10, signal })) {
      const document = (await knowledge.documents('kb')).find((entry) => entry.path === passage.document);
      const detail = await knowledge.document('kb', document?.id ?? '');
      expect(detail?.text.slice(passage.start, passage.end)).toBe(passage.text);
    }
  });

  it('passes over what is unchanged, reads what has changed, removes what is gone', async () => {
    await ingest();
    await search('anything');
    write('docs/guide.md', '# Guide\n\nNow about bicycles.\n');
    write('docs/new.md', 'Entirely new.');
    rmSync(join(root, 'docs/ko'), { recursive: true });

    const report = await ingest();

    expect(report).toMatchObject({ total: 2, ingested: 2, unchanged: 0, removed: 1 });
    expect(await ingest()).toMatchObject({ ingested: 0, unchanged: 2, removed: 0 });
    expect((await search('bicycles'))[0]).toBe('guide.md § Guide');
    expect(await search('installer')).not.toContain('guide.md § Installing');
    expect(await search('스팟 알림')).not.toContain('ko/안내.txt');
  });

  it('reads everything again when chunking or the embedding changes', async () => {
    await ingest();

    expect(await ingest(specOf({ chunking: { strategy: 'recursive', size: 100, overlap: 0 } }))).toMatchObject({ ingested: 2 });
    embedder = { ...letters, name: 'other' };
    expect(await ingest(specOf({ chunking: { strategy: 'recursive', size: 100, overlap: 0 }, embedding: 'other' }))).toMatchObject({ ingested: 2 });
  });

  it('lists bad documents with their reason and reads all others', async () => {
    write('docs/broken.pdf', '%PDF-1.7 broken');
    write('docs/fake.docx', 'no archive');
    write('docs/large.txt', 'x'.repeat(5000));
    write('docs/photo.png', Buffer.from([0x89, 0x50]));

    const report = await ingest(specOf({ limits: { maxDocumentBytes: 2000 } }));

    expect(report.ingested).toBe(2);
    expect(report.failed.map((entry) => [entry.path, entry.code])).toEqual([
      ['broken.pdf', 'document_unreadable'],
      ['fake.docx', 'document_unreadable'],
      ['large.txt', 'document_too_large'],
    ]);
    expect(report.ignored).toEqual([{ path: 'photo.png', reason: 'not a kind of document that can be read' }]);
    expect((await knowledge.documents('kb')).find((document) => document.path === 'broken.pdf')).toMatchObject({
      state: 'failed',
      error: { code: 'document_unreadable', message: expect.stringContaining('broken.pdf is a broken PDF') },
    });
    expect(await knowledge.status('kb')).toMatchObject({ state: 'ready', documents: 5, failed: 3, passages: 3 });
  });

  it('reads a repaired document', async () => {
    write('docs/fake.csv', '"open');
    expect((await ingest()).failed).toHaveLength(1);
    expect((await ingest()).failed).toHaveLength(1);
    write('docs/fake.csv', 'kind,memory\nH100,80\n');

    expect(await ingest()).toMatchObject({ failed: [], ingested: 1 });
    expect(await search('H100')).toContain('fake.csv § row 1');
  });

  it('chooses files by globs and never leaves the source through a link', async () => {
    write('outside/secret.md', 'secret');
    write('docs/drafts/draft.md', 'draft');
    write('docs/.hidden/x.md', 'hidden');
    symlinkSync(join(root, 'outside/secret.md'), join(root, 'docs/link.md'));
    symlinkSync(join(root, 'outside'), join(root, 'docs/folder'));
    symlinkSync(join(root, 'docs'), join(root, 'docs/loop'));

    const report = await ingest(specOf({ sources: [{ path: 'docs', include: ['**/*.md'], exclude: ['drafts/**'] }] }));

    expect((await knowledge.documents('kb')).map((document) => document.path)).toEqual(['guide.md']);
    expect(report.ignored).toEqual([{ path: 'link.md', reason: 'a link that leads out of the source' }]);
  });

  it('tells documents of the same name in two sources apart', async () => {
    write('more/guide.md', '# Other\n\nother text');

    await ingest(specOf({ sources: [{ path: 'docs' }, { path: 'more' }, { path: 'docs/guide.md' }] }));

    expect((await knowledge.documents('kb')).map((document) => document.path)).toEqual(['guide.md', 'ko/안내.txt', 'more/guide.md']);
  });

  it('keeps everything when a source is not there', async () => {
    await ingest();
    rmSync(join(root, 'docs'), { recursive: true });

    await expect(ingest()).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('"docs"') });
    expect(await knowledge.status('kb')).toMatchObject({ state: 'failed', documents: 2 });
    expect(await search('installer')).toContain('guide.md § Installing');
  });

  it('ends with the error of the embedding model and goes on where it stopped', async () => {
    let calls = 0;
    embedder = {
      ...letters,
      embed: (texts, abort) => {
        calls += 1;
        if (calls === 2) throw new PlatformError('upstream_unreachable', { message: 'the model is away' });
        return letters.embed(texts, abort);
      },
    };
    await expect(ingest()).rejects.toMatchObject({ code: 'upstream_unreachable' });

    expect(await ingest()).toMatchObject({ ingested: 1, unchanged: 1 });
  });

  it('refuses vectors of the wrong length', async () => {
    embedder = { ...letters, embed: async (texts) => texts.map(() => new Float32Array(3)) };

    await expect(ingest()).rejects.toMatchObject({ code: 'upstream_garbage' });
  });

  it('stops between documents when it is cancelled, and keeps what was read', async () => {
    const controller = new AbortController();
    const onEvent = (event: IngestEvent): void => {
      if (event.type === 'document-end') controller.abort();
    };

    await expect(knowledge.ingest('kb', { spec: specOf(), root, signal: controller.signal, onEvent })).rejects.toMatchObject({ code: 'cancelled' });

    expect(await knowledge.status('kb')).toMatchObject({ state: 'cancelled', documents: 1 });
    expect(await ingest()).toMatchObject({ ingested: 1, unchanged: 1 });
  });

  it('gives up a document that takes all memory, reads the others, and tries it again the next time', async () => {
    await knowledge.close();
    knowledge = createKnowledge({ store, clock: createFakeClock(), ids: createSeededIds(), log: silentLog, embed: () => embedder, loading: { heapMb: 32 } });
    write('docs/a.md', '- a\n'.repeat(10_000));
    const refused = [{ path: 'a.md', code: 'document_too_large', message: expect.stringContaining('a.md could not be loaded in 224 MB') as string }];

    expect(await ingest()).toMatchObject({ ingested: 2, failed: refused });
    await knowledge.close();
    knowledge = open();
    expect(await ingest()).toMatchObject({ ingested: 1, unchanged: 2, failed: [] });
  });

  it('is joined by a second caller with the same settings and refused with others', async () => {
    const events: string[] = [];
    const first = ingest();
    const joined = knowledge.ingest('kb', { spec: specOf(), root, signal, onEvent: (event) => void events.push(event.type) });
    const refused = ingest(specOf({ chunking: { size: 300 } }));

    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    expect((await first).runId).toBe((await joined).runId);
    expect(events).toEqual(['ingest-start', 'document-end', 'document-end', 'ingest-end']);
  });

  it('lets a caller leave without stopping the others', async () => {
    const controller = new AbortController();
    const first = ingest();
    const leaving = knowledge.ingest('kb', { spec: specOf(), root, signal: controller.signal });
    controller.abort();

    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect((await first).ingested).toBe(2);
  });

  it('ends at the close of the room', async () => {
    const running = ingest();
    const closed = knowledge.close();

    await expect(running).rejects.toMatchObject({ code: 'shutting_down' });
    await closed;
  });
});

describe('search', () => {
  it('says so when the base was never ingested, and refuses a wrong topK', async () => {
    await expect(search('x')).rejects.toMatchObject({ code: 'not_found' });
    await ingest();
    await expect(knowledge.search('kb', 'x', { topK: 0, signal })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(knowledge.search('kb', 'x'.repeat(20_000), { signal })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('gives the same answer after a restart', async () => {
    await ingest();
    const before = await knowledge.search('kb', 'remove the program', { signal });
    await knowledge.close();
    knowledge = open();

    expect(await knowledge.search('kb', 'remove the program', { signal })).toEqual(before);
  });

  it('asks the embedding model only when vectors are wanted', async () => {
    await ingest();
    embedder = { ...letters, embed: () => Promise.reject(new PlatformError('upstream_timeout', { message: 'slow' })) };

    expect((await knowledge.search('kb', 'installer', { mode: 'keyword', signal }))[0]?.parts.vector).toBe(0);
    await expect(knowledge.search('kb', 'installer', { mode: 'vector', signal })).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('finds a passage again by its id, in its own base only', async () => {
    await ingest();
    const [found] = await knowledge.search('kb', 'installer', { signal });

    expect(await knowledge.passage('kb', found?.id ?? '')).toMatchObject({ citation: found?.citation, text: found?.text });
    expect(await knowledge.passage('other', found?.id ?? '')).toBeUndefined();
    expect(await knowledge.document('kb', 'doc_none')).toBeUndefined();
  });

  it('forgets a base that is removed', async () => {
    await ingest();
    await knowledge.remove('kb');

    expect(await knowledge.status('kb')).toMatchObject({ state: 'empty', documents: 0, passages: 0 });
    await expect(search('installer')).rejects.toMatchObject({ code: 'not_found' });
  });
});
