const BATCH_STATES = ['validating', 'in_progress', 'finalizing', 'completed', 'failed', 'expired', 'cancelling', 'cancelled'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** Endpoints whose requests a batch may hold. */
export const BATCH_ENDPOINTS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

/** Something wrong with the input file. */
export interface BatchProblem {
  readonly code: string;
  readonly message: string;
  /** From 1. */
  readonly line: number | null;
}

export interface BatchInfo {
  readonly id: string;
  readonly tenant: string;
  readonly keyId: string;
  readonly endpoint: BatchEndpoint;
  readonly inputFileId: string;
  readonly state: BatchState;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly problems: readonly BatchProblem[];
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly createdMs: number;
  readonly inProgressMs: number | null;
  readonly expiresMs: number;
  readonly finalizingMs: number | null;
  readonly cancellingMs: number | null;
  readonly endedMs: number | null;
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000));

/** The batch object of the OpenAI API. */
export function batchToWire(batch: BatchInfo): Record<string, unknown> {
  const endedAs = (state: BatchState): number | null => (batch.state === state ? seconds(batch.endedMs) : null);
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: batch.problems.length === 0 ? null : { object: 'list', data: batch.problems.map((problem) => ({ ...problem, param: null })) },
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.state,
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    created_at: seconds(batch.createdMs),
    in_progress_at: seconds(batch.inProgressMs),
    expires_at: seconds(batch.expiresMs),
    finalizing_at: seconds(batch.finalizingMs),
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: seconds(batch.cancellingMs),
    cancelled_at: endedAs('cancelled'),
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: batch.metadata,
  };
}
