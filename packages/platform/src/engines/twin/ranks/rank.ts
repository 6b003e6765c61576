import type { Clock } from '#time';
import type { TwinCoreOptions } from '../engine-parts.ts';
import type { KvEventLog } from '../kv-events/kv-event-log.ts';
import { createKvExchanges, type KvExchanges } from '../kv-transfer/kv-exchange.ts';
import type { KvLink } from '../kv-transfer/kv-link.ts';
import { createKvTransferRecord } from '../kv-transfer/kv-transfer-record.ts';
import { createEngineRecord } from '../metrics/engine-record.ts';
import type { EngineView } from '../metrics/engine-view.ts';
import { createTwinCore, type TwinCore } from '../twin-core.ts';
import { createTwinDriver, type TwinDriver } from '../twin-driver.ts';

/** One scheduler of a server, with the memory and the cache of its own GPUs. */
export interface Rank {
  readonly core: TwinCore;
  readonly driver: TwinDriver;
  readonly exchanges: KvExchanges;
  readonly kvEvents: KvEventLog | undefined;
  readonly view: EngineView;
}

export interface RankOptions {
  readonly core: TwinCoreOptions;
  readonly clock: Clock;
  readonly speed: number;
  readonly model: string;
  readonly rank: number;
  /** Name under which other engines know this one. */
  readonly endpoint: string;
  readonly link: KvLink;
  /** Whether it takes part in the transfer of keys and values. */
  readonly transfers: boolean;
  readonly kvEvents: KvEventLog | undefined;
  readonly sleepLevel: EngineView['sleepLevel'];
}

export function createRank(options: RankOptions): Rank {
  const { clock, kvEvents } = options;
  const core = createTwinCore({ ...options.core, kvObserver: kvEvents });
  const driver = createTwinDriver({ core, clock, speed: options.speed, requestOverheadMs: options.core.profile.requestOverheadMs });
  const record = createKvTransferRecord();
  return {
    core,
    driver,
    kvEvents,
    exchanges: createKvExchanges({ engine: options.endpoint, core, driver, link: options.link, metrics: record }),
    view: {
      model: options.model,
      rank: options.rank,
      core,
      waiting: () => core.queues.waiting.length + driver.arriving(),
      record: createEngineRecord(),
      transfers: options.transfers ? record : undefined,
      sleepLevel: options.sleepLevel,
      nowS: () => clock.nowMs() / 1000,
    },
  };
}
