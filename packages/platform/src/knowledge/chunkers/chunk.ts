/** A passage to be: where it stands in the text of its document, and under what. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly headings: readonly string[];
  readonly anchor?: string;
  readonly page?: number;
}

export interface ChunkSettings {
  readonly strategy: 'heading' | 'recursive' | 'page';
  /** Most characters (UTF-16 code units) of a chunk. */
  readonly size: number;
  /** Characters that a chunk repeats of the one before it, at most. */
  readonly overlap: number;
}
