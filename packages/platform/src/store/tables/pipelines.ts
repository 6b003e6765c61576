/** Tables of the room `pipelines`; columns that hold objects are JSON text. */
export interface PipelinesTables {
  pipeline_run: {
    id: string;
    pipeline: string;
    tenant: string;
    state: string;
    /** What started the run: `manual`, or the due time of the schedule. */
    cause: string;
    created_ms: number;
    started_ms: number | null;
    ended_ms: number | null;
    trace_id: string;
    span_id: string;
    /** The Pipeline resource as it was when the run started. */
    resource: string;
    error_code: string | null;
    error_message: string | null;
    cancel_requested: number;
    lease_holder: string | null;
    /** Rises with every new holder; a late writer is refused by it. */
    lease_fence: number;
    lease_until_ms: number;
  };
  pipeline_step: {
    run_id: string;
    step_index: number;
    name: string;
    type: string;
    state: string;
    attempt: number;
    started_ms: number | null;
    ended_ms: number | null;
    output: string | null;
    error_code: string | null;
    error_message: string | null;
  };
}
