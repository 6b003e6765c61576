import type { KvCacheObserver } from './kv-events/kv-event-log.ts';
import { createAdapterSlots } from './mechanisms/adapter-slots.ts';
import { createOffloadTiers } from './mechanisms/offload-tiers.ts';
import { BY_PRIORITY, FIRST_COME } from './mechanisms/queue-order.ts';
import { createSpeculation } from './mechanisms/speculation.ts';
import { KvCache } from './memory/kv-cache.ts';
import { createPagedMemory } from './memory/paged-memory.ts';
import { createWindowedMemory } from './memory/windowed-memory.ts';
import type { TwinProfile } from './profile.ts';
import type { EngineParts } from './scheduler.ts';

export interface TwinCoreOptions {
  readonly profile: TwinProfile;
  /** Tokens per block; 16 where absent. */
  readonly blockSize?: number;
  /** Blocks of KV memory; what the profile's memory holds where absent. */
  readonly kvBlocks?: number;
  readonly maxNumSeqs?: number;
  readonly maxBatchedTokens?: number;
  readonly prefixCaching?: boolean;
  /** Told about blocks that become findable and those that no longer are. */
  readonly kvObserver?: KvCacheObserver | undefined;
}

/** Puts an engine together: the plain parts, and those that its profile asks for. */
export function createEngineParts(options: TwinCoreOptions): { readonly kv: KvCache; readonly parts: EngineParts } {
  const { profile, kvObserver } = options;
  const { scheduling, lora, slidingWindow, speculation, kvOffload } = profile.mechanisms ?? {};
  const blockSize = options.blockSize ?? 16;
  const limits = { maxBatchedTokens: options.maxBatchedTokens ?? 8192, maxNumSeqs: options.maxNumSeqs ?? 256 };
  // Every group of layers has blocks of its own out of the same memory, each a part of the size.
  const groups = slidingWindow?.groups ?? 1;
  const kv = new KvCache({
    blocks: (options.kvBlocks ?? Math.max(1, Math.floor(profile.kvTokens / blockSize))) * groups,
    blockSize,
    prefixCaching: options.prefixCaching ?? true,
    onRemoved: kvObserver === undefined ? undefined : (hash) => (hash >= 0 ? kvObserver.removed(hash, 'GPU') : undefined),
  });
  const memory =
    slidingWindow === undefined
      ? createPagedMemory(kv)
      : createWindowedMemory({ ...slidingWindow, kv, windowTokens: slidingWindow.tokens, maxStepTokens: limits.maxBatchedTokens });
  const parts: EngineParts = {
    limits,
    counters: { queriedTokens: 0, hitTokens: 0, preemptions: 0 },
    blockSize,
    memory,
    order: scheduling === 'priority' ? BY_PRIORITY : FIRST_COME,
    reach: slidingWindow === undefined ? undefined : { windowTokens: slidingWindow.tokens, fullShare: slidingWindow.fullGroups / groups },
    adapters: lora === undefined ? undefined : createAdapterSlots(lora),
    speculation: speculation === undefined ? undefined : createSpeculation(speculation),
    tiers: kvOffload === undefined ? undefined : createOffloadTiers(kvOffload, { blockSize, observer: kvObserver }),
  };
  return { kv, parts };
}
