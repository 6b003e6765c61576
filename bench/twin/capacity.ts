import { readFileSync } from 'node:fs';
import { type TwinProfile, twinProfile } from '../../packages/platform/src/engines/index.ts';
import { type PolicyResult, type SharedPrefixLoad, sharedPrefixLoad, timedRun } from '../../packages/platform/src/simulate/index.ts';
import { type LlmdStrategy, type LlmdWeights, llmdPlacement } from './llm-d-placement.ts';

/** One row of a published table. */
export interface PublishedPoint {
  readonly ratePerS: number;
  readonly outputTokensPerS: number;
  readonly ttftP90S: number;
  readonly ttftMeanS: number;
  readonly itlMeanS: number;
}

export interface Published {
  readonly source: string;
  readonly policies: Readonly<Record<LlmdStrategy, readonly PublishedPoint[]>>;
}

/** A published experiment, as far as it is specified. */
export interface CapacityExperiment {
  readonly name: '73-capacity' | '37-capacity';
  readonly profile: TwinProfile;
  readonly replicas: number;
  readonly load: Omit<SharedPrefixLoad, 'seed'>;
  readonly weights: Readonly<Record<LlmdStrategy, LlmdWeights>>;
}

const NONE: LlmdWeights = { prefix: 0, kv: 0, queue: 0 };
/** Requests per second and seconds of each stage. */
const stages = (text: string): SharedPrefixLoad['stages'] =>
  text.split(' ').map((stage) => {
    const [ratePerS = 0, seconds = 0] = stage.split('x').map(Number);
    return { ratePerS, seconds };
  });

export const EXPERIMENTS: readonly CapacityExperiment[] = [
  {
    name: '73-capacity',
    profile: twinProfile('h100-tp2-qwen3-32b'),
    replicas: 8,
    load: {
      groups: 150,
      promptsPerGroup: 5,
      prefixTokens: 6000,
      questionTokens: 1200,
      outputTokens: 1000,
      arrivals: 'poisson',
      stages: stages('15x50 3x20 10x20 15x20 20x38 22x34 25x30 30x25 35x21 40x38 43x36 46x33 49x30 52x29 55x27 57x26 60x25'),
    },
    weights: {
      precise: { prefix: 3, kv: 2, queue: 2 },
      estimated: { prefix: 1, kv: 1, queue: 1 },
      load: { prefix: 0, kv: 1, queue: 1 },
      random: NONE,
    },
  },
  {
    name: '37-capacity',
    profile: twinProfile('h100-tp4-llama-3.1-70b'),
    replicas: 4,
    load: {
      groups: 83,
      promptsPerGroup: 3,
      prefixTokens: 8000,
      questionTokens: 1000,
      outputTokens: 1000,
      arrivals: 'constant',
      stages: stages('9x30 3x210 4x180 5x120 6x120 8x90 10x70 12x60 15x50 20x50'),
    },
    weights: {
      precise: { prefix: 2, kv: 1, queue: 1 },
      estimated: { prefix: 2, kv: 1, queue: 1 },
      load: { prefix: 0, kv: 1, queue: 1 },
      random: NONE,
    },
  },
];

export const published = (experiment: CapacityExperiment): Published =>
  JSON.parse(readFileSync(new URL(`../data/llm-d/${experiment.name}.json`, import.meta.url), 'utf8')) as Published;

/** The stages of the experiment but the warm-up, in order. */
export function runCapacity(experiment: CapacityExperiment, strategy: LlmdStrategy, seed: number): readonly PolicyResult[] {
  const trace = sharedPrefixLoad({ ...experiment.load, seed });
  const { profile, replicas } = experiment;
  const { stages: results } = timedRun({
    trace,
    policy: strategy,
    placement: llmdPlacement(strategy, experiment.weights[strategy], { seed, blockTokens: trace.blockTokens }),
    replicas,
    profile,
    kvBlocks: Math.floor(profile.kvTokens / trace.blockTokens),
    // Defaults of vLLM on cards of 70 GiB and more.
    maxBatchedTokens: 8192,
    maxNumSeqs: 1024,
    // llm-d scrapes its endpoints every 50 ms.
    reportEveryMs: 50,
    seed,
    slo: undefined,
    gpuUsdPerHour: undefined,
    rateScale: 1,
  });
  return [...results.values()].slice(1);
}
