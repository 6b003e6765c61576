/** What knowledge needs from outside: texts to vectors. `cmd` hands in the embedding models of the platform. */
export interface Embedder {
  /** Name of the Model; a change of it embeds every document again. */
  readonly name: string;
  /** Length of its vectors; absent when only the first answer tells. */
  readonly dimension?: number;
  /** One vector per text, in order. Throws a PlatformError with an `upstream_*` code. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
}

/** Finds the embedding model by the name of its Model resource; throws `reference_missing` when there is none. */
export type FindEmbedder = (model: string) => Embedder;
