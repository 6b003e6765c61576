import { createRandom } from '#time';
import type { LoadShape, LoadTestOptions } from '../options.ts';
import { makePrompt, makeTracePrompt, type Tokenizing } from '../prompts/make-prompt.ts';

export interface PlannedRequest {
  /** From the start of the stage; 0 where a free worker sends it. */
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Made when it is sent: prompts of a long stage do not fit into memory at once. */
  prompt(tokenizing: Tokenizing): string;
}

export interface StagePlan {
  readonly name: string;
  readonly mode: LoadShape['mode'];
  /** Requests in flight at most; null for no limit. */
  readonly concurrency: number | null;
  readonly ratePerS: number | null;
  /** No request leaves after this time. */
  readonly durationMs: number | undefined;
  readonly count: number;
  request(index: number): PlannedRequest;
}

/** Requests of a concurrency level, and seconds of a rate, where nothing else is asked for. */
const ROUNDS = 10;
const RATE_SECONDS = 30;
const LEAST_REQUESTS = 20;
const MOST_REQUESTS = 1_000_000;

/** The stages of a test in order; the same options give the same requests. */
export function planStages(options: LoadTestOptions): readonly StagePlan[] {
  const { load } = options;
  if (load.mode === 'trace') return [planTrace(options, load)];
  return load.levels.map((level, index) => {
    const wanted = load.mode === 'concurrency' ? level * ROUNDS : level * ((load.durationMs ?? RATE_SECONDS * 1000) / 1000);
    const open = load.requests === undefined && load.durationMs !== undefined && load.mode === 'concurrency';
    const count = open ? MOST_REQUESTS : Math.min(MOST_REQUESTS, load.requests ?? Math.max(LEAST_REQUESTS, Math.ceil(wanted)));
    const arrivals = load.mode === 'rate' ? arrivalTimes({ ratePerS: level, count, kind: load.arrivals, seed: seedOf(options.seed, index, -1) }) : undefined;
    return {
      name: load.mode === 'concurrency' ? `concurrency ${level}` : `rate ${level}/s`,
      mode: load.mode,
      concurrency: load.mode === 'concurrency' ? level : (load.maxConcurrency ?? null),
      ratePerS: load.mode === 'rate' ? level : null,
      durationMs: load.durationMs,
      count,
      request: (number) => planOne(options, { stage: index, number, atMs: arrivals?.[number] ?? 0 }),
    };
  });
}

/** Requests of the warm-up: of the lengths of the test, with prompts that it does not use. */
export const warmUpRequest = (options: LoadTestOptions, number: number): PlannedRequest => planOne(options, { stage: -1, number, atMs: 0 });

function planOne(options: LoadTestOptions, place: { readonly stage: number; readonly number: number; readonly atMs: number }): PlannedRequest {
  const seed = seedOf(options.seed, place.stage, place.number);
  const random = createRandom(seed);
  const inputTokens = options.input.draw(random);
  const plan = { tokens: inputTokens, seed, sharedTokens: options.sharedPrefixTokens, sharedSeed: options.seed };
  return { atMs: place.atMs, inputTokens, outputTokens: options.output.draw(random), prompt: (tokenizing) => makePrompt(plan, tokenizing) };
}

function planTrace(options: LoadTestOptions, load: Extract<LoadShape, { mode: 'trace' }>): StagePlan {
  const { trace } = load;
  return {
    name: `trace ${trace.name}${load.speed === 1 ? '' : ` ×${load.speed}`}`,
    mode: 'trace',
    concurrency: load.maxConcurrency ?? null,
    ratePerS: null,
    durationMs: undefined,
    count: trace.requests.length,
    request: (number) => {
      const { atMs, inputTokens, outputTokens, blocks } = trace.requests[number] ?? { atMs: 0, inputTokens: 1, outputTokens: 1, blocks: [] };
      const whole = { inputTokens, blocks, blockTokens: trace.blockTokens, seed: seedOf(options.seed, 0, number) };
      return { atMs: atMs / load.speed, inputTokens, outputTokens: Math.max(1, outputTokens), prompt: (tokenizing) => makeTracePrompt(whole, tokenizing) };
    },
  };
}

/** Arrivals of a rate: Poisson (times between them are exponential) or evenly spaced. */
export function arrivalTimes(options: {
  readonly ratePerS: number;
  readonly count: number;
  readonly kind: 'poisson' | 'constant';
  readonly seed: number;
}): Float64Array {
  const random = createRandom(options.seed);
  const meanMs = 1000 / options.ratePerS;
  let atMs = 0;
  return Float64Array.from({ length: options.count }, () => {
    const now = atMs;
    atMs += options.kind === 'poisson' ? -Math.log(1 - random()) * meanMs : meanMs;
    return now;
  });
}

/** One number of three, far apart for neighbours. */
const seedOf = (seed: number, stage: number, number: number): number =>
  (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(stage + 2, 0x85ebca6b) ^ Math.imul(number + 2, 0xc2b2ae35)) >>> 0;
