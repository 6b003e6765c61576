import type { KvEventLog } from '../kv-events/kv-event-log.ts';
import { createRank, type Rank, type RankOptions } from './rank.ts';

/** The ranks of a server, alike but for their numbers. */
export function createRanks(
  count: number,
  options: Omit<RankOptions, 'rank' | 'kvEvents'> & { readonly kvEvents: ((rank: number) => KvEventLog | undefined) | undefined },
): readonly [Rank, ...Rank[]] {
  const make = (rank: number): Rank => createRank({ ...options, rank, kvEvents: options.kvEvents?.(rank) });
  return [make(0), ...Array.from({ length: count - 1 }, (_, index) => make(index + 1))];
}
