import type { JsonObject } from '../json-value.ts';
import type { WireFormat } from '../wire-format.ts';
import type { CanonicalMessage } from './message.ts';
import type { CacheMarker } from './part.ts';
import type { CanonicalTool, ToolChoice } from './tool.ts';

export type OutputFormat =
  | { readonly type: 'text' }
  /** Some JSON object. */
  | { readonly type: 'json' }
  | { readonly type: 'json-schema'; readonly name: string; readonly schema: JsonObject; readonly description?: string; readonly strict?: boolean };

export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

export interface ReasoningSettings {
  /** `off` forbids reasoning, `adaptive` leaves the amount to the model; absent where only an effort or a budget was given. */
  readonly mode?: 'off' | 'on' | 'adaptive';
  readonly effort?: ReasoningEffort;
  readonly budgetTokens?: number;
  /** How the reasoning is to be shown; `none` asks not to show it. */
  readonly summary?: 'auto' | 'concise' | 'detailed' | 'none';
  /** The client wants reasoning back in a form that it can send again (`reasoning.encrypted_content`). */
  readonly sealed?: boolean;
}

/** One call of a chat model, as all formats mean it. Fields that were not asked for are absent. */
export interface CanonicalRequest {
  readonly model: string;
  readonly messages: readonly CanonicalMessage[];
  readonly tools?: readonly CanonicalTool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly output?: OutputFormat;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: JsonObject;
  readonly logprobs?: boolean;
  /** Alternatives per token. */
  readonly topLogprobs?: number;
  /** Number of answers; one where absent. */
  readonly choices?: number;
  /** Limit of the answer with its reasoning. */
  readonly maxTokens?: number;
  readonly reasoning?: ReasoningSettings;
  readonly verbosity?: 'low' | 'medium' | 'high';
  /** Caches the prompt up to its last part. */
  readonly cache?: CacheMarker;
  /** Groups requests that share a prompt, so that they meet one cache. */
  readonly cacheKey?: string;
  /** The end user, for abuse control. */
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly serviceTier?: string;
  readonly stream: boolean;
  /** Whether the stream is to end with the usage; formats that always send it ignore this. */
  readonly streamUsage?: boolean;
  /** Fields that only the client's format knows; given back to it, and named as dropped by all others. */
  readonly extra?: { readonly format: WireFormat; readonly fields: JsonObject };
}

/** A field of a request by its canonical name. */
export type RequestField = Exclude<keyof CanonicalRequest, 'extra'>;
