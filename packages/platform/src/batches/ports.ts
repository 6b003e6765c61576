/** One request of a batch. */
export interface LineRequest {
  readonly tenant: string;
  readonly keyId: string;
  /** As in the batch, for example `/v1/chat/completions`. */
  readonly endpoint: string;
  readonly body: Uint8Array;
}

export interface LineReply {
  readonly status: number;
  readonly requestId: string;
  /** JSON. */
  readonly body: string;
}

/** What batches need from outside. */
export interface BatchPorts {
  /** Asks the gateway; throws a PlatformError when there is no answer. */
  readonly invoke: (request: LineRequest, signal: AbortSignal) => Promise<LineReply>;
  /** How many lines may run at once now: what interactive traffic leaves over. */
  readonly spare: () => number;
}
