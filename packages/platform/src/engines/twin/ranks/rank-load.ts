import type { EngineLoad } from '../../engine.ts';
import { kvUse } from '../metrics/engine-view.ts';
import type { Rank } from './rank.ts';

/** What the ranks of a server have to do together; the share of memory in use is their mean. */
export function rankLoad(ranks: readonly Rank[]): EngineLoad {
  let running = 0;
  let waiting = 0;
  let use = 0;
  let kvBlocks = 0;
  for (const { core, view } of ranks) {
    running += core.queues.running.length;
    waiting += view.waiting();
    use += kvUse(view);
    kvBlocks += core.kv.blocks;
  }
  return { running, waiting, kvUse: use / ranks.length, kvBlocks };
}
