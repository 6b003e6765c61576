import type { EngineHash } from '../kv-index/engine-key.ts';

/** Where the blocks of a cache lie. */
export type Tier = 'gpu' | 'cpu' | 'disk';

/** Blocks that an engine has computed and can find again. */
export interface BlocksStored {
  readonly type: 'stored';
  readonly hashes: readonly EngineHash[];
  readonly parent: EngineHash | undefined;
  readonly tokens: readonly number[];
  readonly blockSize: number;
  readonly tier: Tier;
  readonly loraName: string | undefined;
  /** One entry per block; absent where the engine does not say. */
  readonly extraKeys: readonly (readonly unknown[] | null)[] | undefined;
  /** Of several kinds of attention in one model; 0 where there is one. */
  readonly group: number;
  /** Whether a block of this group stands for the whole prefix before it. */
  readonly wholePrefix: boolean;
}

export interface BlocksRemoved {
  readonly type: 'removed';
  readonly hashes: readonly EngineHash[];
  readonly tier: Tier;
  readonly group: number;
}

interface BlocksCleared {
  readonly type: 'cleared';
}

export type KvEvent = BlocksStored | BlocksRemoved | BlocksCleared;

/** One message of an engine. */
export interface KvBatch {
  /** Time of the engine, in seconds. */
  readonly sentS: number;
  readonly rank: number | undefined;
  readonly events: readonly KvEvent[];
  /** Names of events that nobody here knows. */
  readonly unknown: readonly string[];
}
