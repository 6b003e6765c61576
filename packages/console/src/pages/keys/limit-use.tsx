import type { AccountInfo } from '@maru/api/wire';
import { useFormat } from '../../format/use-format.ts';

type Limit = AccountInfo['limits'][number];

/** A limit of everything with what is used of it now: `12 / 300`. */
export function LimitUse({ limits, unit }: { readonly limits: readonly Limit[]; readonly unit: Limit['unit'] }) {
  const format = useFormat();
  const limit = limits.find((candidate) => candidate.unit === unit && candidate.model === null);
  if (limit === undefined) return <span className="text-third">–</span>;
  const now = usedNow(limit);
  const share = now / limit.limit;
  return (
    <span className={share >= 1 ? 'text-red' : share >= 0.8 ? 'text-amber' : ''}>
      {limit.unit === 'concurrent' && now > 0 ? '≤ ' : ''}
      {format.compact(now)} <span className="text-third">/ {format.compact(limit.limit)}</span>
    </span>
  );
}

/** Of a rate it is what the last minute has used; of requests at once what replicas hold, free places included. */
export const usedNow = (limit: Limit): number => (limit.unit === 'concurrent' ? limit.held : limit.used);
