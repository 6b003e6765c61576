/** Tables of the room `evals`. */
export interface EvalsTables {
  evaluation_run: {
    id: string;
    evaluation: string;
    dataset: string;
    target: string;
    tenant: string;
    state: string;
    verdict: string | null;
    /** JSON array of sentences. */
    reasons: string;
    /** JSON of the evaluators and thresholds that the run was started with. */
    plan: string;
    /** JSON, name of a score to its mean or null. */
    means: string;
    rows: number;
    created_ms: number;
    ended_ms: number | null;
    error_code: string | null;
    error_message: string | null;
    /** The process that works on the run, and when it was last heard of. */
    owner: string | null;
    heartbeat_ms: number;
  };
  evaluation_row: {
    run_id: string;
    position: number;
    row_id: string;
    /** `queued`, `answered` (the target is not asked again), `succeeded` or `failed`. */
    state: string;
    input: string;
    expected: string | null;
    /** JSON array. */
    relevant: string | null;
    answer: string | null;
    /** JSON array. */
    passages: string | null;
    /** JSON, name of a score to its value and reason. */
    scores: string | null;
    /** JSON; null when the target did not say. */
    usage: string | null;
    cost_nano_usd: number | null;
    trace_id: string | null;
    duration_ms: number | null;
    error_code: string | null;
    error_message: string | null;
  };
}
