import { simulateTrace, type Trace, type TraceRequest } from '../../packages/platform/src/simulate/index.ts';
import { createRandom } from '../../packages/platform/src/time/index.ts';

const BLOCK_TOKENS = 100;
const GROUPS = 150;
const PREFIX_BLOCKS = 60;
const QUESTION_BLOCKS = 12;
const OUTPUT_TOKENS = 1000;

/**
 * The load of llm-d's 73-capacity benchmark at one rate: 150 groups, a prefix of 6,000 tokens that a group shares, a question of
 * 1,200 tokens, answers of 1,000. Starts with cold caches, unlike the benchmark.
 */
export function sharedPrefixItl(options: { readonly ratePerS: number; readonly seconds: number; readonly seed: number }): number {
  const { timed } = simulateTrace({ trace: trace(options), replicas: 8, policies: ['precise-prefix'], profile: 'h100-tp2-qwen3-32b', seed: options.seed });
  return timed[0]?.itlMs.mean ?? 0;
}

function trace(options: { readonly ratePerS: number; readonly seconds: number; readonly seed: number }): Trace {
  const random = createRandom(options.seed);
  const requests: TraceRequest[] = [];
  let nextBlock = GROUPS * PREFIX_BLOCKS;
  for (let atMs = 0; atMs < options.seconds * 1000; atMs += (-Math.log(1 - random()) * 1000) / options.ratePerS) {
    const first = Math.floor(random() * GROUPS) * PREFIX_BLOCKS;
    const prefix = Array.from({ length: PREFIX_BLOCKS }, (_, index) => first + index);
    const question = Array.from({ length: QUESTION_BLOCKS }, () => nextBlock++);
    requests.push({ atMs, inputTokens: (PREFIX_BLOCKS + QUESTION_BLOCKS) * BLOCK_TOKENS, outputTokens: OUTPUT_TOKENS, blocks: [...prefix, ...question] });
  }
  return { format: 'mooncake', blockTokens: BLOCK_TOKENS, requests };
}
