/** Tables of the room `gateway`; columns that hold objects are JSON text. */
export interface GatewayTables {
  response: {
    tenant: string;
    id: string;
    /** `queued`, `in_progress`, `completed`, `incomplete`, `failed` or `cancelled`. */
    status: string;
    created_ms: number;
    expires_ms: number;
    previous_id: string | null;
    /** The items that this turn added. */
    input: string;
    /** The response object of the OpenAI API. */
    answer: string;
    background: number;
    /** A running response whose owner has not said that it lives until then is lost. */
    lease_until_ms: number;
    cancel_requested: number;
  };
  /** A stretch of the stream of a response that is made in the background. */
  response_events: {
    tenant: string;
    response_id: string;
    /** Sequence numbers of its first and last event. */
    first_number: number;
    last_number: number;
    /** A list of events of the OpenAI API. */
    events: string;
    expires_ms: number;
  };
  /** Answers that are given again for the same `Idempotency-Key`. */
  idempotent_answer: {
    tenant: string;
    /** Of the client's key; the key itself is not kept, and the answer can be read with it only. */
    key_hash: string;
    body_hash: string;
    request_id: string;
    /** `running`, `done` or `too-large`. */
    state: string;
    /** A running one whose owner has not said that it lives until then is lost. */
    lease_until_ms: number;
    expires_ms: number;
    content_type: string;
    /** Sealed, in base64. */
    answer: string;
  };
}
