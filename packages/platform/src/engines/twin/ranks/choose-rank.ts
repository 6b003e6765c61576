import { PlatformError } from '@maru/api/errors';
import type { Rank } from './rank.ts';

/** Header in which a router names the rank. */
export const RANK_HEADER = 'x-data-parallel-rank';

/** What a waiting request weighs beside a running one, as in the load balancer of vLLM. */
const WAITING_WEIGHT = 4;

/** The rank that a request names, else the one with the least to do. Throws `invalid_request` for a rank that there is not. */
export function chooseRank(ranks: readonly [Rank, ...Rank[]], named: string | undefined): Rank {
  const [first] = ranks;
  if (named === undefined) return ranks.reduce((best, next) => (workOf(next) < workOf(best) ? next : best), first);
  const found = /^\d{1,4}$/.test(named) ? ranks[Number(named)] : undefined;
  if (found !== undefined) return found;
  throw new PlatformError('invalid_request', {
    message: `the header ${RANK_HEADER} has "${named.slice(0, 32)}"; this engine has the ranks 0 to ${ranks.length - 1}`,
    details: { param: RANK_HEADER },
  });
}

const workOf = ({ view, core }: Rank): number => view.waiting() * WAITING_WEIGHT + core.queues.running.length;
