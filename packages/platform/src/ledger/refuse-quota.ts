import { PlatformError } from '@maru/api/errors';
import { nanoToUsd } from '@maru/api/records';
import type { Quota, QuotaUnit } from './quota.ts';
import type { QuotaShare } from './quota-share.ts';
import { rateHeaders } from './rate-headers.ts';

interface RefusedFacts {
  readonly quota: Quota;
  readonly share: QuotaShare;
  readonly needed: number;
  /** Held by other processes. */
  readonly othersGranted: number;
  readonly storeMs: number;
}

const NAMES: Readonly<Record<Exclude<QuotaUnit, 'nano-usd'>, string>> = {
  requests: 'requests per minute',
  tokens: 'tokens per minute',
  'input-tokens': 'prompt tokens per minute',
  'output-tokens': 'answer tokens per minute',
  concurrent: 'requests at once',
};

/** The refusal of a request that does not fit: `quota_exceeded` for money, `rate_limited` for everything else. */
export function refuseQuota(facts: RefusedFacts): PlatformError {
  const { quota, share, needed, storeMs } = facts;
  if (quota.unit === 'nano-usd') return refuseBudget(facts);
  const headers = rateHeaders([{ quota, share }], storeMs);
  const unit = NAMES[quota.unit];
  if (needed > quota.cap)
    return new PlatformError('rate_limited', {
      message: `the request may take ${needed} tokens, more than the ${quota.cap} ${unit} of ${quota.owner}: shorten it or lower max_tokens`,
      details: detailsOf(facts),
      headers,
    });
  const waitMs = quota.unit === 'concurrent' ? 1000 : waitOf(facts);
  const message =
    quota.unit === 'concurrent'
      ? `${quota.owner} has all of its ${quota.cap} ${unit} running; try again later`
      : `${quota.owner} has used its ${quota.cap} ${unit}; try again later`;
  return new PlatformError('rate_limited', { message, retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)), details: detailsOf(facts), headers });
}

const detailsOf = ({ quota, share, needed, othersGranted }: RefusedFacts) => ({
  limit: quota.id,
  unit: quota.unit,
  limitAmount: quota.cap,
  used: share.spentSum + share.used,
  heldElsewhere: othersGranted,
  requested: needed,
});

/** Milliseconds until enough has left the window; a second where others hold what is missing. */
function waitOf({ quota, share, needed, storeMs }: RefusedFacts): number {
  const { rolling } = quota;
  if (rolling === undefined) return 1000;
  let missing = share.spentSum + share.used + needed - quota.cap;
  if (missing <= 0) return 1000;
  const own = share.buckets.map((bucket): readonly [number, number] => [bucket.startMs, bucket.pending + bucket.final]);
  for (const [startMs, amount] of [...share.spent, ...own].sort(([left], [right]) => left - right)) {
    missing -= amount;
    if (missing <= 0) return startMs + rolling.steps * rolling.stepMs - storeMs;
  }
  return rolling.steps * rolling.stepMs;
}

function refuseBudget(facts: RefusedFacts): PlatformError {
  const { quota, share, needed, othersGranted, storeMs } = facts;
  const { rolling } = quota;
  const own = share.buckets.reduce((sum, bucket) => sum + bucket.final, 0);
  const spentNanoUsd = share.spentSum + own;
  const reservedNanoUsd = share.used - own + othersGranted;
  const endMs = Number.isFinite(share.endMs) ? share.endMs : undefined;
  const resetMs = rolling === undefined ? endMs : storeMs + Math.max(0, waitOf(facts));
  const reset =
    resetMs === undefined ? 'it does not reset' : `it ${rolling === undefined ? 'resets' : 'has enough again'} at ${new Date(resetMs).toISOString()}`;
  const per = rolling === undefined ? `per ${quota.window}` : `for the last ${quota.window}`;
  return new PlatformError('quota_exceeded', {
    message:
      `the budget of ${quota.owner} ${per} has $${dollars(spentNanoUsd)} spent and $${dollars(reservedNanoUsd)} reserved ` +
      `of $${dollars(quota.cap)}, and the request may cost $${dollars(needed)}; ${reset}`,
    details: { budget: quota.id, spentNanoUsd, reservedNanoUsd, limitNanoUsd: quota.cap, estimateNanoUsd: needed, resetMs: resetMs ?? null },
    ...(resetMs === undefined ? {} : { retryAfterS: Math.max(1, Math.ceil((resetMs - storeMs) / 1000)) }),
  });
}

const dollars = (nano: number): string => nanoToUsd(nano).toFixed(nano % 10_000_000 === 0 ? 2 : 6);
