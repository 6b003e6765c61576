/** What an ingestion did. */
export interface IngestReport {
  readonly runId: string;
  readonly base: string;
  /** Documents that the sources name. */
  readonly total: number;
  readonly ingested: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly passages: number;
  /** Documents that can not be read, each with its reason; they stop no other. */
  readonly failed: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  /** Files that are no documents; at most 100 are named. */
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
  readonly durationMs: number;
}

/** What happens while an ingestion runs. */
export type IngestEvent =
  | { readonly type: 'ingest-start'; readonly runId: string; readonly base: string; readonly total: number }
  | {
      readonly type: 'document-end';
      readonly path: string;
      readonly outcome: 'ingested' | 'unchanged' | 'failed' | 'removed';
      readonly passages: number;
      readonly message?: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'ingest-end'; readonly report: IngestReport };
