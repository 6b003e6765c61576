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
  };
}
