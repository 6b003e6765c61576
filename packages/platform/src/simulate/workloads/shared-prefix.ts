import { createRandom } from '#time';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';

/** A rate of arrivals for some time; the next stage begins when all requests of this one have ended. */
export interface Stage {
  readonly ratePerS: number;
  readonly seconds: number;
}

export interface SharedPrefixLoad {
  readonly groups: number;
  readonly promptsPerGroup: number;
  /** What the prompts of a group share. */
  readonly prefixTokens: number;
  readonly questionTokens: number;
  readonly outputTokens: number;
  readonly arrivals: 'poisson' | 'constant';
  readonly stages: readonly Stage[];
  readonly seed: number;
}

/** Tokens per block: all lengths of the published loads are multiples of it. */
const BLOCK_TOKENS = 100;

/**
 * Questions about long documents as inference-perf makes them (`shared_prefix`): a fixed set of prompts, some of which share
 * their beginning, sent one after the other in an order by chance, again and again.
 */
export function sharedPrefixLoad(load: SharedPrefixLoad): RequestSource {
  return { blockTokens: BLOCK_TOKENS, requests: { [Symbol.iterator]: () => requestsOf(load) } };
}

function* requestsOf(load: SharedPrefixLoad): Generator<TraceRequest> {
  const random = createRandom(load.seed);
  const prompts = shuffled(load.groups * load.promptsPerGroup, random);
  let sent = 0;
  let startMs = 0;
  for (const [index, { ratePerS, seconds }] of load.stages.entries()) {
    const stage = `${index}: ${ratePerS}/s`;
    const before = index === 0 ? {} : { after: [`stage ${index - 1}`] };
    const gapMs = (): number => (load.arrivals === 'constant' ? 1000 / ratePerS : (-Math.log(1 - random()) * 1000) / ratePerS);
    for (let offsetMs = gapMs(); offsetMs <= seconds * 1000; offsetMs += gapMs()) {
      const prompt = prompts[sent % prompts.length] ?? 0;
      sent += 1;
      yield {
        // A stage that waits is timed from the end of the one before it.
        atMs: index === 0 ? offsetMs : startMs,
        inputTokens: load.prefixTokens + load.questionTokens,
        outputTokens: load.outputTokens,
        blocks: blocksOf(prompt, load),
        id: `stage ${index}`,
        stage,
        ...before,
        ...(index === 0 ? {} : { delayMs: offsetMs }),
      };
    }
    startMs += seconds * 1000;
  }
}

function blocksOf(prompt: number, load: SharedPrefixLoad): readonly number[] {
  const prefix = load.prefixTokens / BLOCK_TOKENS;
  const question = load.questionTokens / BLOCK_TOKENS;
  const group = Math.floor(prompt / load.promptsPerGroup);
  const questions = load.groups * prefix + prompt * question;
  return Array.from({ length: prefix + question }, (_, index) => (index < prefix ? group * prefix + index : questions + index - prefix));
}

function shuffled(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}
