import { BlockLru, type RouterEndpoint } from '../../packages/platform/src/router/index.ts';
import type { Placement } from '../../packages/platform/src/simulate/index.ts';
import { createRandom } from '../../packages/platform/src/time/index.ts';

export type LlmdStrategy = 'precise' | 'estimated' | 'load' | 'random';

/** Weights of the scorers, as in the published configurations. */
export interface LlmdWeights {
  readonly prefix: number;
  readonly kv: number;
  readonly queue: number;
}

/** What the estimating scorer sees of a prompt: 256 blocks of 64 characters, at four characters per token. */
const SEEN_TOKENS = (256 * 64) / 4;
/** `lruCapacityPerServer` in tokens. */
const REMEMBERED_TOKENS = (31_250 * 64) / 4;

/**
 * The scheduler of llm-d as it was when the tables were measured: scorers from 0 to 1, a weighted sum, the highest one, ties by
 * chance. `precise` knows the caches and stretches its scores between the worst and the best match; `estimated` remembers where
 * it sent the beginnings of prompts.
 */
export function llmdPlacement(strategy: LlmdStrategy, weights: LlmdWeights, setup: { readonly seed: number; readonly blockTokens: number }): Placement {
  const random = createRandom(setup.seed);
  const seenBlocks = Math.floor(SEEN_TOKENS / setup.blockTokens);
  const memories = new Map<string, BlockLru>();
  const memoryOf = (endpoint: RouterEndpoint): BlockLru => {
    const known = memories.get(endpoint.endpoint) ?? new BlockLru(Math.floor(REMEMBERED_TOKENS / setup.blockTokens));
    memories.set(endpoint.endpoint, known);
    return known;
  };

  return {
    place: (_request, facts, endpoints) => {
      const seen = Array.from(facts.blockHashes()).slice(0, seenBlocks);
      const loads = endpoints.map((endpoint) => endpoint.load());
      const cached = endpoints.map((endpoint) => endpoint.cachedTokens?.(facts) ?? 0);
      const prefix = strategy === 'precise' ? stretched(cached) : endpoints.map((endpoint) => matched(memoryOf(endpoint), seen) / Math.max(1, seen.length));
      const queue = fewest(loads.map(({ waiting }) => waiting));
      const totals = endpoints.map((_, index) =>
        strategy === 'random' ? 0 : weights.prefix * (prefix[index] ?? 0) + weights.kv * (1 - (loads[index]?.kvUse ?? 0)) + weights.queue * (queue[index] ?? 0),
      );
      const best = Math.max(...totals);
      const tied = totals.flatMap((total, index) => (total === best ? [index] : []));
      const index = tied[Math.floor(random() * tied.length)] ?? 0;
      const endpoint = endpoints[index];
      if (endpoint === undefined) throw new RangeError('there is no replica');
      for (const block of seen) memoryOf(endpoint).touch(block);
      return { endpoint, expectedTokens: cached[index] ?? 0, ended: () => undefined };
    },
  };
}

/** 0 for the least match among those that match, 1 for the best and where all match alike; 0 without a match. */
function stretched(cached: readonly number[]): readonly number[] {
  const hits = cached.filter((tokens) => tokens > 0);
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  return cached.map((tokens) => (tokens === 0 ? 0 : most === least ? 1 : (tokens - least) / (most - least)));
}

function fewest(values: readonly number[]): readonly number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (most === least ? 1 : (most - value) / (most - least)));
}

function matched(memory: BlockLru, blocks: readonly number[]): number {
  let count = 0;
  while (count < blocks.length && memory.has(blocks[count] ?? 0)) count += 1;
  return count;
}
