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

/** A request that is to go to the batch API of a provider. */
export interface DeferredLine {
  /** Which batch API, for {@link BatchPorts.remote}. */
  readonly api: string;
  /** Of the request and of its answer. */
  readonly format: string;
  /** JSON, as the provider takes it. */
  readonly request: string;
}

/** What a provider has answered to a line. */
export interface RemoteAnswer extends Pick<DeferredLine, 'api' | 'format'> {
  /** JSON, in that format. */
  readonly answer: string;
  /** Names the request: what is completed twice under one name is charged once. */
  readonly name: string;
}

interface RemotePart {
  /** Letters, digits and `_`; marks the batch at the provider. */
  readonly token: string;
  /** As in the batch. */
  readonly endpoint: string;
  readonly lines: readonly { readonly id: string; readonly body: string }[];
}

interface RemoteSearch {
  readonly token: string;
  readonly lines: number;
  readonly sinceMs: number;
  readonly exclude: readonly string[];
}

/** The batch API of a provider. Failures that may pass are retryable, or have another code than `upstream_rejected`. */
export interface RemoteBatches {
  /** Returns the id at the provider. */
  submit(part: RemotePart, signal: AbortSignal): Promise<string>;
  /** A batch whose submission may have arrived. */
  find(search: RemoteSearch, signal: AbortSignal): Promise<string | undefined>;
  look(id: string, signal: AbortSignal): Promise<{ readonly ended: boolean; readonly problem?: string }>;
  cancel(id: string, signal: AbortSignal): Promise<void>;
  results(id: string, signal: AbortSignal): AsyncIterable<{ readonly id: string; readonly status: number; readonly body: unknown }>;
}

/** What batches need from outside. */
export interface BatchPorts {
  /** Asks the gateway, which answers, or has the line go to a provider's batch API; throws a PlatformError when there is no answer. */
  readonly invoke: (request: LineRequest, signal: AbortSignal) => Promise<LineReply | DeferredLine>;
  /** Makes the client's answer of a provider's, and charges it: through the gateway, like any other. */
  readonly complete: (request: LineRequest, answer: RemoteAnswer, signal: AbortSignal) => Promise<LineReply>;
  /** Undefined where there is none of that name now. */
  readonly remote: (api: string) => RemoteBatches | undefined;
  /** How many lines may run at once now: what interactive traffic leaves over. */
  readonly spare: () => number;
}
