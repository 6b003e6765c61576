/** Tables of the room `ledger`. Money is in nano-US-dollars; lists are JSON. */
export interface LedgerTables {
  api_key: {
    id: string;
    tenant: string;
    name: string;
    /** SHA-256 of the secret in hex; the secret itself is nowhere. */
    hash: string;
    /** The first characters of the secret, for people. */
    prefix: string;
    admin: number;
    /** JSON list of public model names; all when null. */
    models: string | null;
    budget_nano: number | null;
    budget_window: string | null;
    /** JSON of the limits, or null. */
    limits: string | null;
    created_ms: number;
    expires_ms: number | null;
    revoked_ms: number | null;
    last_used_ms: number | null;
  };
  /** One row per engine call that was charged; never changed. */
  charge: {
    id: string;
    request_id: string;
    trace_id: string;
    at_ms: number;
    tenant: string;
    key_id: string;
    user_name: string | null;
    session: string | null;
    agent: string | null;
    requested_model: string;
    model: string;
    endpoint: string;
    provider: string;
    simulated: number;
    input_tokens: number;
    cache_read_tokens: number;
    cache_write_tokens: number;
    output_tokens: number;
    reasoning_tokens: number;
    cost_nano: number | null;
    price_source: string | null;
    outcome: string;
  };
  /** Sums of charges per hour and payer; equal to the sums over `charge` at every moment. */
  spend_hour: {
    hour_ms: number;
    tenant: string;
    key_id: string;
    /** Empty when no agent called. */
    agent: string;
    requested_model: string;
    model: string;
    provider: string;
    simulated: number;
    requests: number;
    errors: number;
    /** Charges without a known price; they are not in `cost_nano`. */
    unpriced: number;
    input_tokens: number;
    cache_read_tokens: number;
    cache_write_tokens: number;
    output_tokens: number;
    reasoning_tokens: number;
    cost_nano: number;
  };
  /** What was spent of one budget in one window. */
  budget_account: {
    budget_id: string;
    window_start_ms: number;
    spent_nano: number;
  };
  /** The part of a budget that one process may spend from memory. */
  budget_slice: {
    budget_id: string;
    window_start_ms: number;
    holder: string;
    granted_nano: number;
    expires_ms: number;
  };
}
