import { BlockLru, type Candidate, type Policy } from '#router';
import { createRandom } from '#time';
import type { RequestSource } from '../trace/trace-request.ts';

export interface BlockReplayOptions {
  readonly trace: RequestSource;
  readonly workers: number;
  /** Blocks that each worker's cache holds. */
  readonly capacity: number;
  readonly seed: number;
  /** Time in which a backlog halves. */
  readonly halfLifeMs?: number;
}

export interface BlockReplayResult {
  /** Blocks found, as a share of all. */
  readonly hitRate: number;
  /** Most over mean of the blocks computed per worker. */
  readonly imbalance: number;
}

interface Worker {
  readonly cache: BlockLru;
  load: number;
  work: number;
}

/**
 * Replays the blocks of a trace through a policy without a model of time: each worker has an LRU cache and a backlog of
 * uncached blocks that decays. A cheap and decisive test of a policy.
 */
export function blockReplay(policy: Policy, options: BlockReplayOptions): BlockReplayResult {
  const { trace } = options;
  const random = createRandom(options.seed);
  const halfLifeMs = options.halfLifeMs ?? 20_000;
  const workers: Worker[] = Array.from({ length: options.workers }, () => ({ cache: new BlockLru(options.capacity), load: 0, work: 0 }));
  const needsMatch = policy.reads.includes('prefix') || policy.reads.includes('precise-prefix');
  let lastMs: number | undefined;
  let hits = 0;
  let total = 0;
  for (const request of trace.requests) {
    const decay = 0.5 ** ((request.atMs - (lastMs ?? request.atMs)) / halfLifeMs);
    lastMs = request.atMs;
    for (const worker of workers) worker.load *= decay;
    const candidates = workers.map((worker, index) => {
      const cached = needsMatch ? leadingMatch(worker.cache, request.blocks) * trace.blockTokens : 0;
      return candidateOf(worker, { index, cached, perBlock: trace.blockTokens });
    });
    const promptTokens = request.blocks.length * trace.blockTokens;
    const key = request.blocks[0] ?? 0;
    const { index } = policy.choose({ promptTokens, outputTokens: 0, session: undefined, prefixKey: () => key }, candidates, random);
    const worker = workers[index];
    if (worker === undefined) continue;
    const match = leadingMatch(worker.cache, request.blocks);
    worker.load += request.blocks.length - match;
    worker.work += request.blocks.length - match;
    for (const block of request.blocks) worker.cache.touch(block);
    hits += match;
    total += request.blocks.length;
  }
  const work = workers.map((worker) => worker.work);
  const mean = work.reduce((sum, each) => sum + each, 0) / work.length;
  return { hitRate: total === 0 ? 0 : hits / total, imbalance: mean === 0 ? 1 : Math.max(...work) / mean };
}

/** Hit rate of one cache of this many blocks that sees every request. */
export function pooledReplay(trace: RequestSource, capacity: number): { readonly hitRate: number; readonly requests: number } {
  const cache = new BlockLru(capacity);
  let hits = 0;
  let total = 0;
  let requests = 0;
  for (const request of trace.requests) {
    requests += 1;
    hits += leadingMatch(cache, request.blocks);
    total += request.blocks.length;
    for (const block of request.blocks) cache.touch(block);
  }
  return { hitRate: total === 0 ? 0 : hits / total, requests };
}

/** Leading blocks in the cache, up to the first miss. */
function leadingMatch(cache: BlockLru, blocks: readonly number[]): number {
  let count = 0;
  while (count < blocks.length && cache.has(blocks[count] ?? 0)) count += 1;
  return count;
}

/** The backlog in the unit of the policies: a token takes a millisecond. */
function candidateOf(worker: Worker, tokens: { index: number; cached: number; perBlock: number }): Candidate {
  return {
    endpoint: `worker-${tokens.index}`,
    inFlight: worker.load,
    waiting: 0,
    kvUse: 0,
    contextTokens: 0,
    uncachedTokens: 0,
    kvTokens: 0,
    queueMs: worker.load * tokens.perBlock,
    prefilling: worker.load,
    decoded: { ms: 0, tokens: 0 },
    prefillTokens: worker.load * tokens.perBlock,
    prefillShare: 0,
    activeTokens: 0,
    activeMatchedTokens: 0,
    cachedTokens: tokens.cached,
    hostCachedTokens: 0,
    diskCachedTokens: 0,
    indexBlocks: worker.cache.size,
    cacheFill: 0,
    cacheYield: 0,
    costNanoUsd: 0,
    rates: undefined,
  };
}
