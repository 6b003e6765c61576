import type { Usage } from '@maru/api/records';
import type { FinishReason, TokenLogprob } from './answer.ts';
import type { CanonicalError } from './error.ts';
import type { ForeignPart, Seal } from './part.ts';

/** What a part of a stream is, said when it begins. */
export type PartHead =
  | { readonly type: 'text' }
  | { readonly type: 'reasoning' }
  | { readonly type: 'refusal' }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly custom?: boolean }
  | ForeignPart;

/**
 * One event of a streamed answer. The order is: `start`; then parts, each `part-start`, its deltas, `part-end`, with indexes that count up
 * from 0 and may overlap; then `finish`; then `end`. `usage` may stand anywhere between, the last one holds. After `end` or `error` nothing
 * comes.
 */
export type CanonicalEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string; readonly createdS?: number; readonly usage?: Usage }
  | { readonly type: 'part-start'; readonly index: number; readonly part: PartHead }
  | { readonly type: 'text-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'arguments-delta'; readonly index: number; readonly text: string }
  /** The seal of the reasoning part; at most one per part. */
  | { readonly type: 'seal'; readonly index: number; readonly seal: Seal }
  | { readonly type: 'notes'; readonly index: number; readonly notes: { readonly format: Seal['format']; readonly value: readonly unknown[] } }
  | { readonly type: 'logprobs'; readonly index: number; readonly logprobs: readonly TokenLogprob[] }
  | { readonly type: 'part-end'; readonly index: number }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopSequence?: string }
  /** The end marker of the format was seen: the answer is complete. */
  | { readonly type: 'end' }
  /** The stream is over and the answer is not complete. */
  | { readonly type: 'error'; readonly error: CanonicalError };
