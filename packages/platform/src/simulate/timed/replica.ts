import { createTwinCore, createTwinDriver, type GapListener, type TwinCore, type TwinDriver, type TwinProfile } from '#engines';
import type { RouterEndpoint, RouterLoad } from '#router';
import type { Clock } from '#time';

/** One engine of the simulated fleet. */
export interface Replica extends RouterEndpoint {
  readonly core: TwinCore;
  readonly driver: TwinDriver;
  /** Prompt tokens that it had to compute. */
  computedTokens: number;
  longestQueue: number;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly profile: TwinProfile;
  /** KV blocks of `blockTokens` tokens. */
  readonly kvBlocks: number;
  readonly blockTokens: number;
  readonly maxBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly clock: Clock;
  readonly onGaps: GapListener;
  /** How old the load that it reports may be, as a router that scrapes sees it; 0 is always the present. */
  readonly reportEveryMs: number;
}

export function createReplica(options: ReplicaOptions): Replica {
  const { profile, kvBlocks, blockTokens, clock, reportEveryMs } = options;
  const core = createTwinCore({
    profile,
    blockSize: blockTokens,
    kvBlocks,
    maxBatchedTokens: options.maxBatchedTokens,
    maxNumSeqs: options.maxNumSeqs,
  });
  const driver = createTwinDriver({ core, clock, requestOverheadMs: profile.requestOverheadMs, onGaps: options.onGaps });
  const present = (): RouterLoad => {
    driver.sync();
    return {
      running: core.queues.running.length,
      waiting: core.queues.waiting.length + driver.arriving(),
      kvUse: 1 - core.kv.freeBlocks / core.kv.blocks,
      kvBlocks,
      reports: 'fresh',
    };
  };
  let reported: RouterLoad = { running: 0, waiting: 0, kvUse: 0, kvBlocks, reports: 'fresh' };
  let reportedMs = Number.NEGATIVE_INFINITY;
  return {
    endpoint: options.name,
    core,
    driver,
    computedTokens: 0,
    longestQueue: 0,
    kvTokens: kvBlocks * blockTokens,
    load: () => {
      if (reportEveryMs === 0) return present();
      const tickMs = Math.floor(clock.monotonicMs() / reportEveryMs) * reportEveryMs;
      if (tickMs > reportedMs) {
        reported = present();
        reportedMs = tickMs;
      }
      return reported;
    },
    cachedTokens: (facts) => core.match(facts.blockHashes(), Number.POSITIVE_INFINITY) * blockTokens,
  };
}
