import type { Sequence } from '../sequence.ts';

/** How the keys and values of a sequence lie in the blocks of the engine. */
export interface SequenceMemory {
  /** Leading blocks of a prompt that can be taken from the cache, at most `limit`. Changes nothing. */
  match(hashes: ArrayLike<number>, limit: number): number;
  /** Takes `cached` blocks that {@link match} has found and new ones up to `total`; false, and nothing changes, when there are not enough. */
  open(sequence: Sequence, want: { readonly cached: number; readonly total: number }): boolean;
  /** Has room for so many tokens of a sequence in all; false, and nothing is taken, when there are not enough free blocks. */
  reach(sequence: Sequence, tokens: number): boolean;
  /** Makes block `index` of the sequence findable; returns whether it is new. */
  publish(sequence: Sequence, index: number): boolean;
  /** Gives all blocks back. */
  release(sequence: Sequence): void;
  /** Most blocks that a sequence of so many tokens holds at once. */
  mostBlocks(tokens: number): number;
}
