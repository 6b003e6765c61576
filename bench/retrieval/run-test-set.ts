import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { knowledgeBaseKind } from '../../packages/api/src/resources/index.ts';
import { createReaderEmbedEngine } from '../../packages/platform/src/engines/index.ts';
import { createKnowledge, type SearchMode } from '../../packages/platform/src/knowledge/index.ts';
import { migrateStore, openStore } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { embedWith } from './embed-with.ts';
import { mean, ndcg, recall, reciprocalRank } from './measures.ts';
import type { TestSet } from './read-cranfield.ts';

interface ModeFigures {
  readonly mode: SearchMode;
  readonly ndcg10: number;
  /** Of the questions with an odd and an even position: parameters were tuned on odd Cranfield questions only. */
  readonly ndcg10Odd: number;
  readonly ndcg10Even: number;
  readonly mrr10: number;
  readonly recall10: number;
  readonly msPerQuery: number;
}

export interface TestSetFigures {
  readonly documents: number;
  readonly passages: number;
  readonly ingestMs: number;
  readonly modes: readonly ModeFigures[];
}

const MODES: readonly SearchMode[] = ['keyword', 'vector', 'hybrid'];
/** Passages asked for, so that ten different documents are among them. */
const DEPTH = 60;

/** Ingests the documents of a test set with the settings that a KnowledgeBase has by default, and measures every mode of search on it. */
export async function runTestSet(set: TestSet): Promise<TestSetFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'maru-retrieval-'));
  const store = await openStore({ url: join(folder, 'bench.sqlite') });
  const clock = createSystemClock();
  const embedder = embedWith(createReaderEmbedEngine({ model: 'reader-embed' }));
  const knowledge = createKnowledge({ store, clock, ids: createSeededIds(), log: silentLog, embed: () => embedder });
  try {
    await migrateStore(store);
    for (const [path, text] of set.documents) {
      await mkdir(dirname(join(folder, 'documents', path)), { recursive: true });
      await writeFile(join(folder, 'documents', path), text);
    }
    const spec = knowledgeBaseKind.spec.parse({ sources: [{ path: 'documents' }], embedding: 'reader-embed' });
    const { signal } = new AbortController();
    const report = await knowledge.ingest('bench', { spec, root: folder, signal });
    const modes: ModeFigures[] = [];
    for (const mode of MODES) {
      const startedMs = clock.monotonicMs();
      const ranked: string[][] = [];
      for (const question of set.questions) {
        const passages = await knowledge.search('bench', question.text, { mode, topK: DEPTH, signal });
        ranked.push([...new Set(passages.map((passage) => passage.document))]);
      }
      modes.push({ mode, ...measure(set, ranked), msPerQuery: (clock.monotonicMs() - startedMs) / set.questions.length });
    }
    return { documents: report.total, passages: report.passages, ingestMs: report.durationMs, modes };
  } finally {
    await knowledge.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function measure(set: TestSet, ranked: readonly (readonly string[])[]): Omit<ModeFigures, 'mode' | 'msPerQuery'> {
  const each = (value: (ranked: readonly string[], relevant: ReadonlySet<string>) => number): number[] =>
    set.questions.map((question, index) => value(ranked[index] ?? [], question.relevant));
  const gains = each((list, relevant) => ndcg(list, relevant, 10));
  return {
    ndcg10: mean(gains),
    ndcg10Odd: mean(gains.filter((_, index) => index % 2 === 0)),
    ndcg10Even: mean(gains.filter((_, index) => index % 2 === 1)),
    mrr10: mean(each((list, relevant) => reciprocalRank(list, relevant, 10))),
    recall10: mean(each((list, relevant) => recall(list, relevant, 10))),
  };
}
