import { type TwinProfile, twinProfile } from '../../packages/platform/src/engines/index.ts';
import { openWorkload, type PolicyResult, type RequestSource, readTrace, sharedPrefixLoad, timedRun } from '../../packages/platform/src/simulate/index.ts';
import { EXPERIMENTS } from '../twin/capacity.ts';

export const SLO = { ttftMs: 2000, itlMs: 50 };
const REPLICAS = 8;
/** How often the load of a replica is scraped, as by llm-d. */
const REPORT_EVERY_MS = 50;
const SMALL = twinProfile('h100-llama-3.1-8b');
const MADE_REQUESTS = 3000;

/** For choosing constants, and for what is told of them: other seeds, and another half of the trace. */
export type Purpose = 'tuning' | 'reporting';
export const SEEDS: Readonly<Record<Purpose, readonly number[]>> = { tuning: [1001, 1002, 1003, 1004], reporting: [2001, 2002, 2003, 2004, 2005] };

/** One simulation, as it is given to a thread. */
export interface GoodputCell {
  readonly load: string;
  readonly purpose: Purpose;
  readonly policy: string;
  readonly seed: number;
  readonly rate: number;
}

/** Traffic at several rates; a load in `stages` plays all of them in one simulation, one after the other. */
export interface GoodputLoad {
  readonly title: string;
  readonly rates: readonly number[];
  readonly stages: boolean;
  /** One result per stage. */
  run(cell: GoodputCell): Promise<readonly PolicyResult[]>;
}

const capacity = EXPERIMENTS.find(({ name }) => name === '73-capacity');
if (capacity === undefined) throw new RangeError('there is no 73-capacity');
const { profile: LARGE, load: CAPACITY } = capacity;

const made = (kind: string, title: string, rates: readonly number[]): GoodputLoad => ({
  title: `${title}, ${MADE_REQUESTS} requests, 8 replicas of ${SMALL.name}`,
  rates,
  stages: false,
  run: async (cell) => [
    play(cell, { trace: openWorkload(`made:${kind},rate=${cell.rate},requests=${MADE_REQUESTS},seed=${cell.seed}`), profile: SMALL }).result,
  ],
});

export const LOADS: Readonly<Record<string, GoodputLoad>> = {
  mooncake: {
    title: `half of the Mooncake conversation trace, arrivals faster by a factor, 8 replicas of ${SMALL.name}`,
    rates: [1, 1.5, 2, 2.5, 3],
    stages: false,
    run: async (cell) => {
      const { requests, blockTokens } = await readTrace(new URL('../data/traces/mooncake-conversation.jsonl', import.meta.url).pathname);
      const half = Math.floor(requests.length / 2);
      const taken = cell.purpose === 'reporting' ? requests.slice(0, half) : requests.slice(half);
      const startMs = taken[0]?.atMs ?? 0;
      const trace = { blockTokens, requests: taken.map((request) => ({ ...request, atMs: request.atMs - startMs })) };
      return [play(cell, { trace, profile: SMALL, rateScale: cell.rate }).result];
    },
  },
  capacity: {
    title: `73-capacity, requests/s after its warm-up, 8 replicas of ${LARGE.name}`,
    rates: CAPACITY.stages.slice(1).map(({ ratePerS }) => ratePerS),
    stages: true,
    run: async (cell) => {
      const { stages } = play(cell, { trace: sharedPrefixLoad({ ...CAPACITY, seed: cell.seed }), profile: LARGE, maxNumSeqs: 1024 });
      return [...stages.values()].slice(1);
    },
  },
  documents: made('rag', 'questions about shared documents, requests/s', [20, 27, 33, 40]),
  agents: made('agents', 'agents with waits for tools, requests/s', [20, 40, 60, 80]),
  sessions: made('sessions', 'conversations, requests/s', [20, 40, 60, 80]),
};

interface Traffic {
  readonly trace: RequestSource;
  readonly profile: TwinProfile;
  readonly rateScale?: number;
  readonly maxNumSeqs?: number;
}

const play = ({ policy, seed }: GoodputCell, { trace, profile, rateScale = 1, maxNumSeqs = 256 }: Traffic): ReturnType<typeof timedRun> =>
  timedRun({
    trace,
    profile,
    policy,
    seed,
    rateScale,
    maxNumSeqs,
    replicas: REPLICAS,
    kvBlocks: Math.floor(profile.kvTokens / trace.blockTokens),
    maxBatchedTokens: 8192,
    reportEveryMs: REPORT_EVERY_MS,
    slo: SLO,
    gpuUsdPerHour: undefined,
  });
