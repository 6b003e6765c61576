import { twinProfile } from '../../packages/platform/src/engines/index.ts';
import { type PolicyResult, readTrace, sharedPrefixLoad, type TimedRunOptions, timedRun } from '../../packages/platform/src/simulate/index.ts';
import { EXPERIMENTS } from '../twin/capacity.ts';

/** A load in several stages, each of which is judged for itself. */
export interface GoodputLoad {
  readonly title: string;
  /** Offered requests per second, per stage. */
  readonly rates: readonly number[];
  readonly stages: readonly string[];
  /** One result per stage. */
  run(policy: string, seed: number): readonly PolicyResult[];
}

export const SLO = { ttftMs: 2000, itlMs: 50 };
const REPLICAS = 8;
/** How often the load of a replica is scraped, as by llm-d. */
const REPORT_EVERY_MS = 50;

const runOf = (options: Pick<TimedRunOptions, 'trace' | 'profile' | 'policy' | 'seed' | 'rateScale' | 'maxNumSeqs'>): ReturnType<typeof timedRun> =>
  timedRun({
    ...options,
    replicas: REPLICAS,
    kvBlocks: Math.floor(options.profile.kvTokens / options.trace.blockTokens),
    maxBatchedTokens: 8192,
    reportEveryMs: REPORT_EVERY_MS,
    slo: SLO,
    gpuUsdPerHour: undefined,
  });

/** The Mooncake conversation trace, arriving faster from stage to stage. */
export async function mooncakeLoad(scales: readonly number[]): Promise<GoodputLoad> {
  const trace = await readTrace(new URL('../data/traces/mooncake-conversation.jsonl', import.meta.url).pathname);
  const profile = twinProfile('h100-llama-3.1-8b');
  const { requests } = trace;
  const perS = (requests.length * 1000) / (requests.at(-1)?.atMs ?? 1);
  return {
    title: `Mooncake conversation trace, ${requests.length} requests, 8 replicas of ${profile.name} (${profile.status})`,
    rates: scales.map((scale) => scale * perS),
    stages: scales.map((scale) => `x${scale}`),
    run: (policy, seed) => scales.map((rateScale) => runOf({ trace, profile, policy, seed, rateScale, maxNumSeqs: 256 }).result),
  };
}

/** The stages of llm-d's 73-capacity benchmark after its warm-up, each begun when the one before it is answered. */
export function capacityLoad(): GoodputLoad {
  const experiment = EXPERIMENTS.find(({ name }) => name === '73-capacity');
  if (experiment === undefined) throw new RangeError('there is no 73-capacity');
  const { profile, load } = experiment;
  const stages = load.stages.slice(1);
  return {
    title: `73-capacity: 150 groups x 5 prompts of 6,000 shared + 1,200 own tokens, answers of 1,000, 8 replicas of ${profile.name} (${profile.status})`,
    rates: stages.map(({ ratePerS }) => ratePerS),
    stages: stages.map(({ ratePerS }) => `${ratePerS}/s`),
    run: (policy, seed) => {
      const { stages: results } = runOf({ trace: sharedPrefixLoad({ ...load, seed }), profile, policy, seed, rateScale: 1, maxNumSeqs: 1024 });
      return [...results.values()].slice(1);
    },
  };
}
