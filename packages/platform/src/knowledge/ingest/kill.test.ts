import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { knowledgeBaseKind } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createRandom, createSeededIds } from '#time';
import { createKnowledge } from '../create-knowledge.ts';

const DOCUMENTS = 30;
const KILLS = 3;
const rooms = join(import.meta.dirname, '../..');
const spec = knowledgeBaseKind.spec.parse({ sources: [{ path: 'docs' }], embedding: 'fixed', chunking: { strategy: 'recursive', size: 200, overlap: 20 } });

/** The ingestion as a process of its own: one line per finished document. */
const CHILD = `
  import { openStore } from ${room('store')};
  import { silentLog } from ${room('telemetry')};
  import { createFakeClock, createSeededIds } from ${room('time')};
  import { createKnowledge } from ${room('knowledge')};
  const [root, spec] = process.argv.slice(1);
  const store = await openStore({ url: root + '/db.sqlite' });
  const embed = () => ({ name: 'fixed', embed: async (texts) => texts.map((text) => Float32Array.of(text.length, 1)) });
  const knowledge = createKnowledge({ store, clock: createFakeClock(), ids: createSeededIds(), log: silentLog, embed });
  const onEvent = (event) => event.type === 'document-end' && process.stdout.write(event.outcome + '\\n');
  await knowledge.ingest('kb', { spec: JSON.parse(spec), root, signal: new AbortController().signal, onEvent });
`;

function room(name: string): string {
  return JSON.stringify(pathToFileURL(join(rooms, name, 'index.ts')).href);
}

let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'maru-kill-'));
  mkdirSync(join(root, 'docs'));
  for (let index = 0; index < DOCUMENTS; index += 1)
    writeFileSync(
      join(root, 'docs', `${String(index).padStart(2, '0')}.txt`),
      `Document ${index}. ${'The node is drained before it is rebooted. '.repeat(40 + index)}`,
    );
  const store = await openStore({ url: join(root, 'db.sqlite') });
  await migrateStore(store);
  await store.close();
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs the child and kills it when it has finished so many documents; resolves with the number that were unchanged. */
async function runAndKill(after: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, root, JSON.stringify(spec)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let unchanged = 0;
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'unchanged') unchanged += 1;
    done += 1;
    if (done === after) child.kill('SIGKILL');
  }
  return unchanged;
}

async function readPassages(url: string): Promise<readonly object[]> {
  const store = await openStore({ url });
  const rows = await store.db
    .selectFrom('knowledge_passage')
    .innerJoin('knowledge_document', 'knowledge_document.id', 'knowledge_passage.document_id')
    .select(['path', 'ordinal', 'start_offset', 'end_offset', 'knowledge_passage.text'])
    .orderBy('path')
    .orderBy('ordinal')
    .execute();
  await store.close();
  return rows;
}

describe('ingestion under kill -9', () => {
  it('goes on after each kill, and ends with nothing twice and nothing lost', async () => {
    const random = createRandom(20_261_121);
    let kept = 0;
    let reached = 0;
    for (let round = 0; round < KILLS; round += 1) {
      reached += 1 + Math.floor(random() * (DOCUMENTS / KILLS - 1));
      const unchanged = await runAndKill(reached);

      expect(unchanged).toBeGreaterThanOrEqual(kept);
      kept = unchanged;
    }
    await runAndKill(Number.POSITIVE_INFINITY);

    const fresh = join(root, 'fresh.sqlite');
    const store = await openStore({ url: fresh });
    await migrateStore(store);
    const knowledge = createKnowledge({
      store,
      clock: createFakeClock(),
      ids: createSeededIds(),
      log: silentLog,
      embed: () => ({ name: 'fixed', embed: async (texts) => texts.map((text) => Float32Array.of(text.length, 1)) }),
    });
    const report = await knowledge.ingest('kb', { spec, root, signal: new AbortController().signal });
    await knowledge.close();
    await store.close();
    const passages = await readPassages(join(root, 'db.sqlite'));
    expect(passages).toHaveLength(report.passages);
    expect(passages).toEqual(await readPassages(fresh));
    expect(kept).toBeGreaterThan(0);
  });
});
