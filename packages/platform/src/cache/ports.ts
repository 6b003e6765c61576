/** Turns a question into a vector of length 1. */
export interface Embedder {
  /** Name of the Model. */
  readonly name: string;
  embed(text: string, signal: AbortSignal): Promise<Float32Array>;
}
