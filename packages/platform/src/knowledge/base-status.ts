import type { Store } from '#store';
import { readBase } from './ingest/base-store.ts';
import type { IngestProgress } from './ingest/ingest-runs.ts';

export interface BaseStatus {
  readonly base: string;
  /** `empty` before the first ingestion; `interrupted` when a process ended in the middle of one. */
  readonly state: 'empty' | 'running' | 'ready' | 'failed' | 'cancelled' | 'interrupted';
  readonly embedding: string | null;
  readonly documents: number;
  readonly failed: number;
  readonly passages: number;
  readonly bytes: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  /** When a document was last written. */
  readonly updatedMs: number | null;
  readonly error: string | null;
  /** Of the ingestion that runs in this process. */
  readonly progress: IngestProgress | null;
}

/** Counts of a base and the state of its ingestion. */
export async function readStatus(store: Store, base: string, progress: IngestProgress | undefined): Promise<BaseStatus> {
  const row = await readBase(store, base);
  const counts = await store.db
    .selectFrom('knowledge_document')
    .select((eb) => ['state', eb.fn.countAll<number>().as('documents'), eb.fn.sum<number>('passages').as('passages'), eb.fn.sum<number>('bytes').as('bytes')])
    .where('base', '=', base)
    .groupBy('state')
    .execute();
  const sum = (pick: (entry: (typeof counts)[number]) => number): number => counts.reduce((total, entry) => total + Number(pick(entry)), 0);
  return {
    base,
    state: progress !== undefined ? 'running' : stateOf(row?.state),
    embedding: row?.settings.embedding ?? null,
    documents: sum((entry) => entry.documents),
    failed: sum((entry) => (entry.state === 'failed' ? entry.documents : 0)),
    passages: sum((entry) => entry.passages),
    bytes: sum((entry) => entry.bytes),
    startedMs: row?.startedMs ?? null,
    endedMs: row?.endedMs ?? null,
    updatedMs: row?.updatedMs ?? null,
    error: row?.error ?? null,
    progress: progress ?? null,
  };
}

function stateOf(stored: string | undefined): BaseStatus['state'] {
  if (stored === undefined) return 'empty';
  return stored === 'running' ? 'interrupted' : (stored as BaseStatus['state']);
}
