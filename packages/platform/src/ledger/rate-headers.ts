import type { Quota } from './quota.ts';
import type { QuotaShare } from './quota-share.ts';

interface Rate {
  readonly quota: Quota;
  readonly share: QuotaShare;
}

/** `x-ratelimit-*` as OpenAI names them, of the limits that have the least left; empty without limits of requests and tokens. */
export function rateHeaders(rates: readonly Rate[], storeMs: number): Readonly<Record<string, string>> {
  const requests = tightestOf(rates, 'requests');
  const tokens = tightestOf(rates, 'tokens');
  if (requests === undefined && tokens === undefined) return NO_HEADERS;
  const headers: Record<string, string> = {};
  // With their names as they stand in the source, because names that are put together are slow keys.
  if (requests !== undefined) {
    headers['x-ratelimit-limit-requests'] = String(requests.quota.cap);
    headers['x-ratelimit-remaining-requests'] = String(Math.max(0, leftOf(requests)));
    headers['x-ratelimit-reset-requests'] = resetOf(requests, storeMs);
  }
  if (tokens !== undefined) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.quota.cap);
    headers['x-ratelimit-remaining-tokens'] = String(Math.max(0, leftOf(tokens)));
    headers['x-ratelimit-reset-tokens'] = resetOf(tokens, storeMs);
  }
  return headers;
}

function tightestOf(rates: readonly Rate[], unit: Quota['unit']): Rate | undefined {
  let tightest: Rate | undefined;
  for (const rate of rates) {
    if (rate.quota.unit !== unit) continue;
    if (tightest === undefined || leftOf(rate) < leftOf(tightest)) tightest = rate;
  }
  return tightest;
}

const leftOf = ({ quota, share }: Rate): number => quota.cap - share.spentSum - share.used;

const resetOf = (rate: Rate, storeMs: number): string => `${Math.max(0, Math.ceil((fullAgainMs(rate) - storeMs) / 1000))}s`;

const NO_HEADERS = Object.freeze({});

/** When everything that counts now has left the window. */
function fullAgainMs({ quota, share }: Rate): number {
  const newest = Math.max(share.buckets[share.buckets.length - 1]?.startMs ?? 0, share.spent[share.spent.length - 1]?.[0] ?? 0);
  return newest === 0 || quota.rolling === undefined ? 0 : newest + quota.rolling.steps * quota.rolling.stepMs;
}
