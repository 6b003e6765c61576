import { PlatformError } from '@maru/api/errors';

/** Why a request was not served. The first two say that its tenant has more than its share, the others that there is no capacity. */
export type ShedReason = 'tenant-full' | 'over-share' | 'queue-full' | 'displaced' | 'deadline' | 'slo';

export interface Shed {
  readonly model: string;
  readonly priority: number;
  readonly reason: ShedReason;
  readonly waitedMs: number;
  readonly retryAfterS: number;
}

const OVER_SHARE: ReadonlySet<ShedReason> = new Set(['tenant-full', 'over-share']);

const WORDS: Readonly<Record<ShedReason, string>> = {
  'tenant-full': 'its tenant has as many requests waiting for it as it may have',
  'over-share': 'its queue is full and its tenant has the most requests in it',
  'queue-full': 'its replicas are saturated and its queue is full',
  displaced: 'its queue is full and a request of higher priority has taken the place',
  deadline: 'its replicas are saturated and the request would not be served in its time',
  slo: 'no replica is predicted to show a first token in the time that the request asks for',
};

/** What a client is told: 429 `over_share` or 503 `overloaded`, with the reason in details and a header. */
export function shedError({ model, priority, reason, waitedMs, retryAfterS }: Shed): PlatformError {
  return new PlatformError(OVER_SHARE.has(reason) ? 'over_share' : 'overloaded', {
    message: `the request for "${model}" was shed: ${WORDS[reason]}; send it again after ${retryAfterS} s`,
    details: { model, priority, reason, waitedMs: Math.round(waitedMs) },
    headers: { 'x-maru-shed-reason': reason },
    retryAfterS,
  });
}
