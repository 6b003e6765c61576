import type { KvCache } from './memory/kv-cache.ts';
import type { Sequence } from './sequence.ts';

/**
 * Steps that follow the planned one with the very same batch: every running sequence decodes, none ends,
 * no block is published, and memory suffices.
 * Whoever waits could not be admitted before one of them ends. 0 when the next step has to be planned on its own.
 */
export function repeatableSteps(running: readonly Sequence[], kv: KvCache): number {
  let steps = Number.POSITIVE_INFINITY;
  for (const sequence of running) steps = Math.min(steps, sequence.outputTokens - sequence.generated - 1, stepsToPublish(sequence, kv));
  if (!(steps > 0) || steps === Number.POSITIVE_INFINITY) return 0;
  if (blocksWanted(running, kv, steps) <= kv.freeBlocks) return steps;
  let low = 0;
  let high = steps;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (blocksWanted(running, kv, middle) <= kv.freeBlocks) low = middle;
    else high = middle;
  }
  return low;
}

/** Takes effect of so many steps of a batch that only decodes; the step after them is under way then. */
export function repeatSteps(running: readonly Sequence[], kv: KvCache, steps: number): void {
  for (const sequence of running) {
    sequence.computed += steps;
    sequence.generated += steps;
    kv.grow(sequence.table, blocksAfter(sequence.computed + 1, kv));
  }
}

/** Steps before the one that fills a block which others could find: in which order blocks are published matters, so that step stands alone. */
const stepsToPublish = (sequence: Sequence, kv: KvCache): number =>
  sequence.published < sequence.hashes.length ? (sequence.published + 1) * kv.blockSize - sequence.computed - 1 : Number.POSITIVE_INFINITY;

function blocksWanted(running: readonly Sequence[], kv: KvCache, steps: number): number {
  let blocks = 0;
  for (const sequence of running) blocks += blocksAfter(sequence.computed + steps + 1, kv) - sequence.table.length;
  return blocks;
}

const blocksAfter = (tokens: number, kv: KvCache): number => Math.ceil(tokens / kv.blockSize);
