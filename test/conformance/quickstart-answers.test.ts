import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embedWith } from '../../bench/retrieval/embed-with.ts';
import { datasetKind, knowledgeBaseKind } from '../../packages/api/src/resources/index.ts';
import { createReaderEmbedEngine, createReaderEngine } from '../../packages/platform/src/engines/index.ts';
import { createKnowledge, type Knowledge } from '../../packages/platform/src/knowledge/index.ts';
import { migrateStore, openStore, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createFakeClock, createSeededIds } from '../../packages/platform/src/time/index.ts';

const folder = join(import.meta.dirname, '../../examples/quickstart');
const lines = readFileSync(join(folder, 'guide-answers.jsonl'), 'utf8').trim().split('\n');
const rows = datasetKind.spec.parse({ rows: lines.map((line) => JSON.parse(line) as unknown) }).rows ?? [];
const { signal } = new AbortController();

describe('the documents of the quickstart', () => {
  let store: Store;
  let knowledge: Knowledge;

  beforeAll(async () => {
    store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    const embedder = embedWith(createReaderEmbedEngine({ model: 'reader-embed' }));
    knowledge = createKnowledge({ store, clock: createFakeClock(), ids: createSeededIds(), log: silentLog, embed: () => embedder });
    const spec = knowledgeBaseKind.spec.parse({ sources: [{ path: 'documents' }], embedding: 'reader-embed' });
    await knowledge.ingest('handbook', { spec, root: folder, signal });
  }, 60_000);

  afterAll(async () => {
    await knowledge.close();
    await store.close();
  });

  it('can all be read, in six formats and two languages', async () => {
    const documents = await knowledge.documents('handbook');

    expect(documents.filter((document) => document.state === 'failed')).toEqual([]);
    expect(new Set(documents.map((document) => document.kind))).toEqual(new Set(['markdown', 'html', 'pdf', 'docx', 'text', 'csv']));
    expect(documents.filter((document) => document.path.startsWith('ko/')).length).toBeGreaterThanOrEqual(5);
    const paths = documents.map((document) => document.path);
    for (const row of rows) for (const path of row.relevant ?? []) expect(paths).toContain(path);
  });

  it.each(rows)('hold the answer to: $input', async (row) => {
    const found = await knowledge.search('handbook', row.input, { topK: 5, signal });
    expect(found.map((passage) => passage.document).some((path) => row.relevant?.includes(path))).toBe(true);

    const passages = found.map(({ citation, document, heading, page, text }) => ({ citation, document, heading, page, text }));
    const content = await askReader(row.input, { passages });
    expect(content.toLowerCase()).toContain(row.expected?.toLowerCase());
    expect(found.some((passage) => content.includes(`[${passage.citation}]`))).toBe(true);
  });

  it('do not hold the answer to a question about something else', async () => {
    const question = 'What is the capital of France?';

    expect(await askReader(question, { passages: await knowledge.search('handbook', question, { signal }) })).toBe(
      'The answer is not in the passages that I was given.',
    );
  });
});

async function askReader(question: string, result: object): Promise<string> {
  const engine = createReaderEngine({ model: 'reader', clock: createFakeClock(), ids: createSeededIds() });
  const call = { id: 'call_1', type: 'function', function: { name: 'search-knowledge', arguments: JSON.stringify({ query: question }) } };
  const messages = [
    { role: 'user', content: question },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(result) },
  ];
  const reply = await engine.call({ operation: 'chat', body: Buffer.from(JSON.stringify({ model: 'reader', messages })), stream: false, headers: {}, signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { choices: { message: { content: string } }[] };
  return answer.choices[0]?.message.content ?? '';
}
