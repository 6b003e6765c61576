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
    /** JSON list of budgets, or null. */
    budgets: string | null;
    /** JSON of the limits, or null. */
    limits: string | null;
    /** Name of the account of the level `user` that the key belongs to besides its tenant. */
    user_account: string | null;
    /** JSON list of the tags of every request. */
    tags: string | null;
    /** JSON, for people and foreign clients. */
    metadata: string | null;
    blocked: number;
    /** The hash before the last rotation, which goes on working until `old_until_ms`. */
    old_hash: string | null;
    old_until_ms: number | null;
    created_ms: number;
    expires_ms: number | null;
    revoked_ms: number | null;
    last_used_ms: number | null;
  };
  /** Organisations, teams, projects, users, end users and tags that were made through the API; those of resources are not here. */
  account: {
    id: string;
    level: string;
    name: string;
    parent: string | null;
    /** JSON of the same form as `spec` of a Tenant. */
    spec: string;
    metadata: string | null;
    created_ms: number;
    updated_ms: number;
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
    /** `batch` or `cache`, where less than the price was charged. */
    discount_for: string | null;
    /** What was not charged. */
    discount_nano: number | null;
    price_source: string | null;
    outcome: string;
    /** JSON of the buckets that only some calls have. */
    rare_usage: string | null;
    /** JSON list. */
    tags: string | null;
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
  /** Sums of the buckets that only some calls have: one row per bucket beside the row of `spend_hour`. */
  spend_rare: {
    hour_ms: number;
    tenant: string;
    key_id: string;
    agent: string;
    requested_model: string;
    model: string;
    provider: string;
    simulated: number;
    bucket: string;
    amount: number;
  };
  /** Sums per day (UTC) of everything that a charge counts for: its key, user, tenants, end user and tags. */
  account_spend: {
    account_id: string;
    day_ms: number;
    model: string;
    provider: string;
    requests: number;
    errors: number;
    unpriced: number;
    prompt_tokens: number;
    completion_tokens: number;
    cost_nano: number;
  };
  /** One row per budget or limit that is shared: it is locked while amounts change, and says when unused shares are called back. */
  quota: {
    id: string;
    recall: number;
    recalled_ms: number;
  };
  /** What was spent of a quota in a window (`start_ms` of the calendar window) or in a step of a rolling window. */
  quota_spent: {
    quota_id: string;
    start_ms: number;
    spent: number;
  };
  /** One row once limits were kept in Redis: should its data be gone later, then it was lost. */
  limits_epoch: {
    id: string;
    since_ms: number;
  };
  /** The part of a quota that one process may use from memory. */
  quota_slice: {
    quota_id: string;
    start_ms: number;
    holder: string;
    granted: number;
    expires_ms: number;
    /** The last recall that the holder has answered. */
    seen: number;
    /** The last report of the holder that was added to what is spent. */
    reported: number;
    /** Granted for a request that was not admitted yet when the holder asked. */
    promised: number;
  };
}
