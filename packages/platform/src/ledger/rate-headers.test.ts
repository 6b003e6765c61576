import { describe, expect, it } from 'vitest';
import { limitQuotas, type Quota } from './quota.ts';
import { createShare, type QuotaShare } from './quota-share.ts';
import { rateHeaders } from './rate-headers.ts';

const NOW_MS = Date.parse('2026-11-21T10:30:30.500Z');

function rate(
  limits: Parameters<typeof limitQuotas>[1],
  state: { spent?: readonly (readonly [number, number])[]; used?: number; usedAt?: number } = {},
): { quota: Quota; share: QuotaShare } {
  const [quota] = limitQuotas({ id: 'key/k', name: 'key "k"' }, limits);
  if (quota === undefined) throw new Error('no limit was given');
  const share = createShare(quota, NOW_MS, 0);
  share.spent = (state.spent ?? []).map(([startMs, amount]) => [startMs, amount]);
  share.spentSum = share.spent.reduce((sum, [, amount]) => sum + amount, 0);
  share.used = state.used ?? 0;
  if (state.usedAt !== undefined) share.buckets.push({ startMs: state.usedAt, pending: share.used, final: 0, dead: false });
  return { quota, share };
}

describe('rate headers', () => {
  it('are none without limits of requests and tokens', () => {
    expect(rateHeaders([], NOW_MS)).toEqual({});
    expect(rateHeaders([rate({ concurrentRequests: 3 }), rate({ inputTokensPerMinute: 5 })], NOW_MS)).toEqual({});
  });

  it('say limit, what is left, and when everything has left the window', () => {
    const used = rate({ requestsPerMinute: 10 }, { spent: [[NOW_MS - 20_500, 3]], used: 2, usedAt: NOW_MS - 500 });

    expect(rateHeaders([used], NOW_MS)).toEqual({
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '5',
      'x-ratelimit-reset-requests': '60s',
    });
  });

  it('reset at once where nothing is used', () => {
    expect(rateHeaders([rate({ tokensPerMinute: 100 })], NOW_MS)).toMatchObject({ 'x-ratelimit-remaining-tokens': '100', 'x-ratelimit-reset-tokens': '0s' });
  });

  it('are those of the limit that has the least left, for requests and tokens each', () => {
    const headers = rateHeaders(
      [
        rate({ requestsPerMinute: 100 }, { used: 1 }),
        rate({ requestsPerMinute: 50 }, { used: 45 }),
        rate({ requestsPerMinute: 10 }, { used: 1 }),
        rate({ tokensPerMinute: 1000 }, { used: 400 }),
      ],
      NOW_MS,
    );

    expect(headers).toMatchObject({
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '5',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '600',
    });
  });

  it('never say less than nothing, though a limit was lowered or more was used than thought', () => {
    expect(rateHeaders([rate({ requestsPerMinute: 2 }, { spent: [[NOW_MS - 61_000, 5]] })], NOW_MS)).toMatchObject({
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '0s',
    });
  });
});
