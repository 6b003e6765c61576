import type { WireFormat } from '#formats';
import type { BatchApi } from './batch-api/batch-api.ts';
import type { Continuation } from './continuation/continuation.ts';
import type { PassRequest } from './pass-request.ts';

export const ENGINE_OPERATIONS = ['chat', 'completions', 'embeddings'] as const;
export type EngineOperation = (typeof ENGINE_OPERATIONS)[number];

/** One call of a model. Where the format says the model in the body, it is already the name that the engine serves. */
export interface EngineRequest {
  readonly operation: EngineOperation;
  /** Of the body and of the answer: one that the engine speaks. The format of OpenAI where absent. */
  readonly format?: WireFormat;
  /** UTF-8 JSON, passed on as bytes. */
  readonly body: Uint8Array;
  /** The same bytes in pieces, where a large body was put together: sending these saves joining them. */
  readonly pieces?: readonly Uint8Array[] | undefined;
  readonly stream: boolean;
  /** Top-level fields of the body that are not to be sent; of those that the engine {@link Engine.refuses}. */
  readonly omits?: readonly string[];
  /** The last message is the beginning of the answer, and the engine is to go on from there; of those that {@link Engine.continues}. */
  readonly continues?: boolean;
  /** Headers to pass on, lower-case names: `x-request-id`, `traceparent`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client goes or the deadline passes; the engine must stop within 100 ms. */
  readonly signal: AbortSignal;
  /** Calls back when the signal would fire, at once when it has; where it is given, making and hearing a signal can be saved. */
  readonly onAbort?: ((callback: (reason: unknown) => void) => void) | undefined;
}

/** The engine's answer, in the format of the request: a JSON object, or its kind of stream: server-sent events, or the event stream of AWS. */
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

/** Which part of requests an endpoint is meant for: prompts, or answers; it can do both all the same. */
export type EngineRole = 'prefill' | 'decode';

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
  /** Absent where it is meant for whole requests. */
  readonly role?: EngineRole;
  /** Formats that a chat call may have, best first; {@link speaksOf} says what holds where absent. */
  readonly speaks?: readonly WireFormat[];
  /** Parameters that change the answer and that the provider answers with an error; sent all the same, unless a request omits them. */
  readonly refuses?: readonly string[];
  /** Can go on with an answer that has begun elsewhere; absent where it can not, or nobody knows. */
  readonly continues?: Continuation;
  /** The batch API of its provider, where the Model says that lines of batches go there. */
  readonly batches?: BatchApi;
  /** Throws a PlatformError with an `upstream_*` code when there is no answer; an answer with an error status is returned as it is. */
  call(request: EngineRequest): Promise<EngineReply>;
  /** Passes other operations on, byte for byte; absent where the engine has none. Throws `not_supported` for one that it lacks, else as `call`. */
  readonly pass?: (request: PassRequest) => Promise<EngineReply>;
  /** Takes what must not be told out of the words of a provider: the keys that it was sent. Absent where there are none. */
  readonly clean?: (words: string) => string;
  load(): EngineLoad;
  close(): Promise<void>;
}

const OPENAI: readonly WireFormat[] = Object.freeze(['openai-chat']);

/** The formats that a chat call of an engine may have, best first. An engine that says nothing speaks the format of OpenAI. */
export const speaksOf = (engine: Pick<Engine, 'speaks'>): readonly WireFormat[] => engine.speaks ?? OPENAI;
