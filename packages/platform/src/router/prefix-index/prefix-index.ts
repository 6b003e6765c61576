import { BlockLru } from './block-lru.ts';

/** What one endpoint probably has in its prefix cache, from the router's own decisions. */
export interface PrefixIndex {
  /** Leading blocks that are probably cached. */
  match(hashes: ArrayLike<number>): number;
  /** The endpoint is about to compute these blocks. */
  insert(hashes: ArrayLike<number>): void;
  /** Up to so many blocks, the one used last first. */
  newest(count: number): Float64Array;
  clear(): void;
  /** Blocks at most. */
  readonly capacity: number;
  readonly size: number;
  readonly bytes: number;
}

/** An index of at most `capacityBlocks` blocks; what was used least recently is forgotten first, as in the engines. */
export function createPrefixIndex(capacityBlocks: number): PrefixIndex {
  const blocks = new BlockLru(capacityBlocks);
  return {
    capacity: blocks.capacity,
    get size() {
      return blocks.size;
    },
    get bytes() {
      return blocks.bytes;
    },
    clear: () => blocks.clear(),
    newest: (count) => blocks.newest(count),
    // Blocks are touched from the last to the first, so a block is never forgotten before those that follow it:
    // what is known of a chain is always a prefix, which makes the binary search right.
    insert: (hashes) => {
      for (let index = Math.min(hashes.length, blocks.capacity) - 1; index >= 0; index -= 1) blocks.touch(hashes[index] ?? 0);
    },
    match: (hashes) => {
      let low = 0;
      let high = hashes.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (blocks.has(hashes[middle] ?? 0)) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
