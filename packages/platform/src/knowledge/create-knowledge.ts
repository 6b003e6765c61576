import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { type BaseStatus, readStatus } from './base-status.ts';
import { type DocumentDetail, type DocumentInfo, toDocumentInfo } from './document-info.ts';
import { deleteBase, readBase } from './ingest/base-store.ts';
import type { IngestReport } from './ingest/ingest-report.ts';
import { type IngestRequest, IngestRuns } from './ingest/ingest-runs.ts';
import { DocumentLoader, type LoadingLimits } from './loading/document-loader.ts';
import { type FoundPassage, type Passage, toPassage } from './passage.ts';
import type { FindEmbedder } from './ports.ts';
import { BaseIndex } from './search/base-index.ts';
import { readPassageRows } from './search/read-passages.ts';
import { type SearchMode, searchBase } from './search/search-base.ts';

const MAX_QUERY = 10_000;

export interface KnowledgeOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly embed: FindEmbedder;
  readonly loading?: LoadingLimits;
}

export interface SearchOptions {
  /** From 1 to 100; the base's own number where absent. */
  readonly topK?: number;
  readonly mode?: SearchMode;
  readonly signal: AbortSignal;
}

/** Documents that are loaded, cut, indexed and searched, with the place of every passage. */
export interface Knowledge {
  /**
   * Brings a base up to date with its sources; resolves when all documents are read. Bad documents are in the report and stop no other.
   * Throws `conflict` when the base is being ingested with other settings, `cancelled` when the signal is aborted (what was read stays),
   * `not_found` when a source does not exist, `upstream_*` when the embedding model fails.
   */
  ingest(base: string, request: IngestRequest): Promise<IngestReport>;
  /** The best passages, best first. Throws `not_found` before the first ingestion, `upstream_*` when the embedding model fails. */
  search(base: string, query: string, options: SearchOptions): Promise<readonly FoundPassage[]>;
  /** All documents in the order of their paths, failed ones included. */
  documents(base: string): Promise<readonly DocumentInfo[]>;
  document(base: string, id: string): Promise<DocumentDetail | undefined>;
  passage(base: string, id: string): Promise<Passage | undefined>;
  status(base: string): Promise<BaseStatus>;
  /** Forgets a base; its source files stay untouched. Throws `conflict` while it is being ingested. */
  remove(base: string): Promise<void>;
  /** Stops ingestions at once, waits for them, and ends the process that loads documents. What was read is kept. */
  close(): Promise<void>;
}

/** Opens the room over a migrated store. */
export function createKnowledge(options: KnowledgeOptions): Knowledge {
  const { store, embed } = options;
  const { loading: limits } = options;
  const loader = new DocumentLoader({ clock: options.clock, log: options.log, ...(limits === undefined ? {} : { limits }) });
  const runs = new IngestRuns({ ...options, loader });
  const indexes = new Map<string, BaseIndex>();

  const indexOf = (base: string): BaseIndex => {
    const index = indexes.get(base) ?? new BaseIndex(store.db, base);
    indexes.set(base, index);
    return index;
  };

  return {
    ingest: (base, request) => runs.ingest(base, request),
    async search(base, query, { topK, mode, signal }) {
      signal.throwIfAborted();
      const row = await readBase(store, base);
      if (row === undefined) throw new PlatformError('not_found', { message: `the knowledge base "${base}" has not been ingested yet` });
      const count = topK ?? row.settings.topK;
      if (!Number.isInteger(count) || count < 1 || count > 100)
        throw new PlatformError('invalid_request', { message: `topK must be from 1 to 100, not ${count}` });
      if (query.length > MAX_QUERY) throw new PlatformError('invalid_request', { message: `the query has more than ${MAX_QUERY} characters` });
      const { embedding } = row.settings;
      const index = indexOf(base);
      await index.refresh(row.generation, embed(embedding).name);
      return await searchBase({ store, index, embed, embedding, query, topK: count, mode: mode ?? row.settings.mode, signal });
    },
    async documents(base) {
      const rows = await store.db
        .selectFrom('knowledge_document')
        .select(['id', 'path', 'title', 'kind', 'bytes', 'passages', 'state', 'error_code', 'error_message', 'note', 'ingested_ms'])
        .where('base', '=', base)
        .orderBy('path')
        .execute();
      return rows.map(toDocumentInfo);
    },
    async document(base, id) {
      const row = await store.db.selectFrom('knowledge_document').selectAll().where('base', '=', base).where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : { ...toDocumentInfo(row), text: row.text };
    },
    async passage(base, id) {
      const row = (await readPassageRows(store, [id])).get(id);
      return row === undefined || row.base !== base ? undefined : toPassage(row);
    },
    status: (base) => readStatus(store, base, runs.progress(base)),
    async remove(base) {
      if (runs.progress(base) !== undefined)
        throw new PlatformError('conflict', { message: `the knowledge base "${base}" is being ingested: cancel that first` });
      indexes.delete(base);
      await deleteBase(store, base);
    },
    async close() {
      await runs.close();
      await loader.close();
    },
  };
}
