/** Operations whose bytes are only passed on: what they mean stays between the client and the engine. */
export const PASS_OPERATIONS = [
  'moderations',
  'images',
  'image-edits',
  'speech',
  'transcriptions',
  'translations',
  'rerank',
  'score',
  'tokenize',
  'detokenize',
  'count-tokens',
] as const;
export type PassOperation = (typeof PASS_OPERATIONS)[number];

/** A call whose body is not read on its way; `model` in it is already the name that the engine serves. */
export interface PassRequest {
  readonly operation: PassOperation;
  /** Whole, or as it arrives from the client: a recording is never held in memory. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** With the boundary, where the body has parts. */
  readonly contentType: string;
  /** Headers to pass on, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client goes or the deadline passes. */
  readonly signal: AbortSignal;
}
