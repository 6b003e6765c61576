/** Tables of the room `traces`. Times are in microseconds since 1970, so that short spans keep their length. */
export interface TracesTables {
  /** One row per trace: totals that are computed from its spans whenever some of them change. */
  trace: {
    tenant: string;
    trace_id: string;
    name: string;
    /** JSON of what the client said of the trace itself, merged over all its messages. */
    given: string;
    start_us: number;
    end_us: number | null;
    duration_us: number | null;
    ttft_us: number | null;
    status: string;
    status_message: string | null;
    session: string | null;
    user_id: string | null;
    model: string | null;
    spans: number;
    input_tokens: number;
    cache_read_tokens: number;
    cache_write_tokens: number;
    output_tokens: number;
    reasoning_tokens: number;
    cost_nano_usd: number | null;
    /** Lower-case text that the search looks into. */
    search_text: string;
    /** JSON of its spans, as long as the trace is as it came: whole. Null where they stand in rows of their own. */
    own_spans: string | null;
    /** Kinds and models of its spans, each on a line. */
    facets: string;
  };
  span: {
    tenant: string;
    trace_id: string;
    span_id: string;
    parent_span_id: string | null;
    name: string;
    kind: string;
    start_us: number;
    end_us: number | null;
    ttft_us: number | null;
    status: string;
    status_message: string | null;
    session: string | null;
    user_id: string | null;
    model: string | null;
    /** The five buckets are all null when the span has no usage. */
    input_tokens: number | null;
    cache_read_tokens: number | null;
    cache_write_tokens: number | null;
    output_tokens: number | null;
    reasoning_tokens: number | null;
    cost_nano_usd: number | null;
    /** JSON; null when content is not captured. */
    input: string | null;
    output: string | null;
    /** JSON object. */
    attributes: string;
  };
  score: {
    tenant: string;
    id: string;
    name: string;
    value: number | null;
    label: string | null;
    comment: string | null;
    source: string;
    at_ms: number;
    trace_id: string | null;
    span_id: string | null;
    session: string | null;
    run_id: string | null;
    row_id: string | null;
  };
}
