import type { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';

/** What a stretch of whole events means for the relay. */
export interface StreamStretch {
  /** Bytes for the client; empty when there are none. */
  readonly bytes: Buffer;
  /** Something in it is a visible token, or the answer ends in it. */
  readonly visible: boolean;
  /** The answer is complete; what says so to the client is in `tail`. */
  readonly done: boolean;
  /** An error event of the engine stands in it; `bytes` ends before it. */
  readonly error: PlatformError | undefined;
}

/** Reads a stream of one format as it passes. Only whole events are given on, so that a cut stream never leaves half an event with the client. */
export interface AnswerReader {
  /** Takes a chunk that may be cut anywhere; undefined when no event is complete yet. */
  push(chunk: Buffer): StreamStretch | undefined;
  /** The engine's body ended; undefined when the answer is not complete. */
  end(): StreamStretch | undefined;
  /** What the engine reported of its usage. */
  reported(): Usage | undefined;
  /** Tokens that passed, estimated: for answers that end without a usage report. */
  readonly estimatedTokens: number;
  /** Bytes that tell the client that its answer is complete; sent once the charge is written. */
  readonly tail: Buffer;
}
