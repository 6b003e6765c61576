import type { KvTransferRecord } from '../kv-transfer/kv-transfer-record.ts';
import type { TwinCore } from '../twin-core.ts';
import type { EngineRecord } from './engine-record.ts';

/** One engine (of several ranks, one of them) as its metrics see it. */
export interface EngineView {
  readonly model: string;
  /** Of data parallelism; 0 where there is one. */
  readonly rank: number;
  readonly core: TwinCore;
  /** Requests that have not been admitted yet. */
  readonly waiting: () => number;
  readonly record: EngineRecord;
  /** Of an engine that takes part in the transfer of keys and values. */
  readonly transfers: KvTransferRecord | undefined;
  /** 0 while it is awake. */
  readonly sleepLevel: () => 0 | 1 | 2;
  readonly nowS: () => number;
}

export const kvUse = ({ core }: EngineView): number => 1 - core.kv.freeBlocks / core.kv.blocks;
