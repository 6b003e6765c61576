import type { KvCache } from './kv-cache.ts';
import type { SequenceMemory } from './sequence-memory.ts';

/** One block table per sequence, and every block of it stays until the end: all layers attend to the whole context. */
export function createPagedMemory(kv: KvCache): SequenceMemory {
  return {
    match: (hashes, limit) => kv.match(hashes, limit),
    open: (sequence, want) => kv.open(sequence.table, sequence.hashes, want),
    reach: (sequence, tokens) => {
      const blocks = Math.ceil(tokens / kv.blockSize);
      return blocks <= sequence.table.length || kv.grow(sequence.table, blocks);
    },
    publish: (sequence, index) => kv.publish(sequence.table[index] ?? 0, sequence.hashes[index] ?? -1),
    release: (sequence) => kv.release(sequence.table),
    mostBlocks: (tokens) => Math.ceil(tokens / kv.blockSize),
  };
}
