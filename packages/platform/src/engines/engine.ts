import type { PassRequest } from './pass-request.ts';

export const ENGINE_OPERATIONS = ['chat', 'completions', 'embeddings'] as const;
export type EngineOperation = (typeof ENGINE_OPERATIONS)[number];

/** One call of a model, in the wire format of OpenAI; `model` in the body is already the name that the engine serves. */
export interface EngineRequest {
  readonly operation: EngineOperation;
  /** UTF-8 JSON. Passed on as bytes where the engine speaks the same format. */
  readonly body: Uint8Array;
  readonly stream: boolean;
  /** Headers to pass on, lower-case names: `x-request-id`, `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client goes or the deadline passes; the engine must stop within 100 ms. */
  readonly signal: AbortSignal;
}

/** The engine's answer, always in the wire format of OpenAI: a JSON object, or server-sent events when streamed. */
export interface EngineReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends without error only when the answer is complete; throws `upstream_cut` when it was cut. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What an endpoint knows of its own load; fields it can not know are absent. */
export interface EngineLoad {
  readonly running: number;
  readonly waiting: number;
  /** Share of the KV cache in use, from 0 to 1. */
  readonly kvUse?: number;
  readonly kvBlocks?: number;
}

/** One endpoint of one Model: a replica of an engine, or the API of a provider. */
export interface Engine {
  /** Unique in the platform, for example `sim-8b-0`. */
  readonly endpoint: string;
  /** Name of the Model resource. */
  readonly model: string;
  /** `openai`, `anthropic`, `twin`, `reader` … */
  readonly provider: string;
  /** The vendor's name of the model, for the price book. */
  readonly servedName: string;
  readonly simulated: boolean;
  /** Throws a PlatformError with an `upstream_*` code when there is no answer; an answer with an error status is returned as it is. */
  call(request: EngineRequest): Promise<EngineReply>;
  /** Passes other operations on, byte for byte; absent where the engine has none. Throws `not_supported` for one that it lacks, else as `call`. */
  readonly pass?: (request: PassRequest) => Promise<EngineReply>;
  load(): EngineLoad;
  close(): Promise<void>;
}
