import type { Usage } from '@maru/api/records';
import type { AssistantPart } from './part.ts';

/**
 * Why the answer ended. `stop` is the model's own end, `stop-sequence` one of the request's stop texts, `length` the limit of tokens,
 * `context` a full context window, `refusal` the model's no, `content-filter` the provider's no, `pause` a long turn to be sent again.
 */
export type FinishReason = 'stop' | 'stop-sequence' | 'length' | 'context' | 'tool-calls' | 'refusal' | 'content-filter' | 'pause' | 'error' | 'other';

/** Probability of one token of the visible text. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** UTF-8 bytes of the token. */
  readonly bytes?: readonly number[];
  readonly top?: readonly { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[] }[];
}

/** One whole answer, as all formats mean it. */
export interface CanonicalAnswer {
  /** The vendor's id of the answer. */
  readonly id: string;
  /** The vendor's name of the model that answered. */
  readonly model: string;
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  /** The stop text that ended it, where known. */
  readonly stopSequence?: string;
  /** Undefined when the vendor reported none. */
  readonly usage?: Usage;
  readonly logprobs?: readonly TokenLogprob[];
  readonly createdS?: number;
  readonly serviceTier?: string;
  /** `system_fingerprint` of OpenAI. */
  readonly fingerprint?: string;
}
