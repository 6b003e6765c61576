/** Tables of the room `batches`; columns that hold objects are JSON text. */
export interface BatchesTables {
  file_object: {
    id: string;
    tenant: string;
    key_id: string;
    purpose: string;
    filename: string;
    size_bytes: number;
    created_ms: number;
    expires_ms: number | null;
  };
  batch_job: {
    id: string;
    tenant: string;
    key_id: string;
    endpoint: string;
    input_file_id: string;
    state: string;
    metadata: string | null;
    /** What was wrong with the input file. */
    errors: string | null;
    output_file_id: string | null;
    error_file_id: string | null;
    total: number;
    /** Counts of a batch that is over; before that its lines are counted. */
    completed: number;
    failed: number;
    created_ms: number;
    in_progress_ms: number | null;
    expires_ms: number;
    finalizing_ms: number | null;
    cancelling_ms: number | null;
    ended_ms: number | null;
  };
  batch_line: {
    batch_id: string;
    line_index: number;
    custom_id: string;
    /** Where the line stands in the input file. */
    start_byte: number;
    end_byte: number;
    /** Null while it has not ended; else `ok` or `error`. */
    outcome: string | null;
    /** The line of the output or error file. */
    answer: string | null;
    /** The part of the batch that goes to a provider's own batch API; null where the line is called by itself. */
    part_id: string | null;
    /** The request as the provider gets it, while it is in a part. */
    request: string | null;
  };
  batch_part: {
    id: string;
    batch_id: string;
    /** Which batch API: a model and an endpoint of it. */
    api: string;
    format: string;
    state: string;
    /** Id at the provider. */
    handle: string | null;
    /** Ids that were found and are others, as JSON. */
    exclude: string;
    line_count: number;
    byte_count: number;
    tries: number;
    created_ms: number;
    look_ms: number;
  };
}
