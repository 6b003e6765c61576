import type { KnowledgeBaseSpec } from '@maru/api/resources';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { DocumentLoader } from '../loading/document-loader.ts';
import type { Embedder } from '../ports.ts';
import { listSources } from '../sources/list-sources.ts';
import { removeDocuments } from './document-store.ts';
import { ingestDocument, type KnownDocument } from './ingest-document.ts';
import type { IngestEvent, IngestReport } from './ingest-report.ts';

const IGNORED_NAMED = 100;

export interface IngestBaseOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly embedder: Embedder;
  readonly loader: DocumentLoader;
  readonly runId: string;
  readonly base: string;
  readonly spec: KnowledgeBaseSpec;
  /** Folder that the paths of the sources are relative to. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: IngestEvent) => void;
}

/**
 * Reads all sources of a base, document by document, each in a transaction of its own: interrupted anywhere and started again, it
 * goes on where it was. Unchanged documents are passed over; documents whose file is gone are removed at the end.
 */
export async function ingestBase(options: IngestBaseOptions): Promise<IngestReport> {
  const { store, clock, embedder, loader, runId, base, spec, signal, onEvent } = options;
  const startedMs = clock.monotonicMs();
  const listing = await listSources(options.root, spec.sources, signal);
  const known = await readKnown(store, base);
  const total = listing.files.length;
  onEvent({ type: 'ingest-start', runId, base, total });
  const failed: IngestReport['failed'][number][] = [];
  let [ingested, unchanged, passages, done] = [0, 0, 0, 0];
  for (const file of listing.files) {
    signal.throwIfAborted();
    const result = await ingestDocument({ store, clock, embedder, loader, base, spec, file, known: known.get(file.path), signal });
    known.delete(file.path);
    done += 1;
    passages += result.passages;
    if (result.outcome === 'ingested') ingested += 1;
    if (result.outcome === 'unchanged') unchanged += 1;
    if (result.error !== null) failed.push({ path: file.path, ...result.error });
    const message = result.error === null ? {} : { message: result.error.message };
    onEvent({ type: 'document-end', path: file.path, outcome: result.outcome, passages: result.passages, ...message, done, total });
  }
  signal.throwIfAborted();
  await removeDocuments(
    store,
    base,
    [...known.values()].map((document) => document.id),
  );
  for (const path of known.keys()) onEvent({ type: 'document-end', path, outcome: 'removed', passages: 0, done, total });
  const report: IngestReport = {
    runId,
    base,
    total,
    ingested,
    unchanged,
    removed: known.size,
    passages,
    failed,
    ignored: listing.ignored.slice(0, IGNORED_NAMED),
    durationMs: clock.monotonicMs() - startedMs,
  };
  options.log.info({ base, runId, total, ingested, unchanged, removed: known.size, failed: failed.length, passages }, 'knowledge base ingested');
  return report;
}

async function readKnown(store: Store, base: string): Promise<Map<string, KnownDocument & { id: string }>> {
  const rows = await store.db
    .selectFrom('knowledge_document')
    .select(['id', 'path', 'hash', 'fingerprint', 'state', 'passages', 'error_code', 'error_message'])
    .where('base', '=', base)
    .execute();
  return new Map(rows.map(({ path, ...rest }) => [path, rest]));
}
