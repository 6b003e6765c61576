import type { Quota } from './quota.ts';
import type { QuotaShare } from './quota-share.ts';

interface Rate {
  readonly quota: Quota;
  readonly share: QuotaShare;
}

/** `x-ratelimit-*` as OpenAI names them, of the limits that have the least left; empty without limits of requests and tokens. */
export function rateHeaders(rates: readonly Rate[], storeMs: number): Readonly<Record<string, string>> {
  let headers: Record<string, string> | undefined;
  for (const unit of ['requests', 'tokens'] as const) {
    let tightest: Rate | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const rate of rates) {
      if (rate.quota.unit !== unit) continue;
      const left = rate.quota.cap - rate.share.spentSum - rate.share.used;
      if (left >= least) continue;
      least = left;
      tightest = rate;
    }
    if (tightest === undefined) continue;
    headers ??= {};
    headers[`x-ratelimit-limit-${unit}`] = String(tightest.quota.cap);
    headers[`x-ratelimit-remaining-${unit}`] = String(Math.max(0, least));
    headers[`x-ratelimit-reset-${unit}`] = `${Math.max(0, Math.ceil((fullAgainMs(tightest) - storeMs) / 1000))}s`;
  }
  return headers ?? NO_HEADERS;
}

const NO_HEADERS = Object.freeze({});

/** When everything that counts now has left the window. */
function fullAgainMs({ quota, share }: Rate): number {
  const newest = Math.max(share.buckets[share.buckets.length - 1]?.startMs ?? 0, share.spent[share.spent.length - 1]?.[0] ?? 0);
  return newest === 0 || quota.rolling === undefined ? 0 : newest + quota.rolling.steps * quota.rolling.stepMs;
}
