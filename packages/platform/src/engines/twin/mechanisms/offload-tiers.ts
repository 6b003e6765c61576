import type { TwinMechanisms } from '@maru/api/resources';
import type { KvCacheObserver, KvMedium } from '../kv-events/kv-event-log.ts';

/** Blocks `from` up to `to` of a prompt. */
interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/** Adds up over the life of an engine. */
interface OffloadCounters {
  queriedTokens: number;
  hitTokens: number;
}

/** Keys and values outside of the GPU: in the memory of the host, and behind it on its disk. */
export interface OffloadTiers {
  readonly counters: Readonly<OffloadCounters>;
  /** How many blocks from `from` on lie in a tier, without a gap. Changes nothing. */
  match(hashes: ArrayLike<number>, range: BlockRange): number;
  /** Brings blocks back; gives the time that it takes. They stay in their tier. */
  fetch(hashes: ArrayLike<number>, range: BlockRange): number;
  /** A block was computed: it is written to the host's memory meanwhile, which costs no time here. */
  store(hashes: ArrayLike<number>, index: number): void;
  count(queriedTokens: number, hitTokens: number): void;
  clear(): void;
}

/** A block by its prompt and place, for who is told about it. */
interface Place {
  readonly hashes: ArrayLike<number>;
  readonly index: number;
}

interface Tier {
  readonly medium: KvMedium;
  readonly capacity: number;
  readonly blockMs: number;
  /** The least recently used first. */
  readonly blocks: Map<number, Place | undefined>;
}

export function createOffloadTiers(
  options: NonNullable<TwinMechanisms['kvOffload']>,
  engine: { readonly blockSize: number; readonly observer: KvCacheObserver | undefined },
): OffloadTiers {
  const { observer, blockSize } = engine;
  const tierOf = (medium: KvMedium, tokens: number, gigabytesPerS: number): Tier => ({
    medium,
    capacity: Math.floor(tokens / blockSize),
    blockMs: (blockSize * options.bytesPerToken) / (gigabytesPerS * 1e6),
    blocks: new Map(),
  });
  const tiers: readonly Tier[] = [
    tierOf('CPU', options.cpuTokens, options.cpuGigabytesPerS),
    ...(options.diskTokens === undefined ? [] : [tierOf('DISK', options.diskTokens, options.diskGigabytesPerS)]),
  ];
  const counters: OffloadCounters = { queriedTokens: 0, hitTokens: 0 };
  const holderOf = (hash: number): Tier | undefined => tiers.find(({ blocks }) => blocks.has(hash));

  /** What a tier has no more room for goes into the next one. */
  const put = (level: number, hash: number, place: Place | undefined): void => {
    const tier = tiers[level];
    if (tier === undefined || tier.capacity === 0) return;
    const fresh = !tier.blocks.delete(hash);
    tier.blocks.set(hash, place);
    if (!fresh) return;
    if (place !== undefined) observer?.stored(place.hashes, place.index, tier.medium);
    if (tier.blocks.size <= tier.capacity) return;
    for (const [oldest, evicted] of tier.blocks) {
      put(level + 1, oldest, evicted);
      tier.blocks.delete(oldest);
      observer?.removed(oldest, tier.medium);
      return;
    }
  };

  return {
    counters,
    match: (hashes, { from, to }) => {
      let index = from;
      while (index < Math.min(to, hashes.length) && holderOf(hashes[index] ?? -1) !== undefined) index += 1;
      return index - from;
    },
    fetch: (hashes, { from, to }) => {
      let ms = 0;
      for (let index = from; index < to; index += 1) {
        const hash = hashes[index] ?? -1;
        const tier = holderOf(hash);
        if (tier === undefined) continue;
        ms += tier.blockMs;
        const place = tier.blocks.get(hash);
        tier.blocks.delete(hash);
        tier.blocks.set(hash, place);
      }
      return ms;
    },
    store: (hashes, index) => put(0, hashes[index] ?? -1, observer === undefined ? undefined : { hashes, index }),
    count: (queriedTokens, hitTokens) => {
      counters.queriedTokens += queriedTokens;
      counters.hitTokens += hitTokens;
    },
    clear: () => {
      for (const { blocks } of tiers) blocks.clear();
    },
  };
}
