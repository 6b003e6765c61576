import { describe, expect, it } from 'vitest';
import { candidate, candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { DEFAULT_COST_RATES } from '../../policy/cost-rates.ts';
import type { Candidate, PolicyRequest } from '../../policy/policy.ts';
import { completionCost } from './completion-cost.ts';
import { createMaruPolicy } from './maru-policy.ts';

const takes = (list: readonly Candidate[], request: Partial<PolicyRequest> = {}): string =>
  list[createMaruPolicy().choose(policyRequest(request), list, seeded()).index]?.endpoint ?? '';

describe('maru policy', () => {
  it('prefers the replica that already holds the prefix', () => {
    expect(takes(candidates({}, { cachedTokens: 900 }, {}))).toBe('b');
  });

  it('leaves the prefix when the queue there costs more than computing it elsewhere', () => {
    expect(takes(candidates({ cachedTokens: 900, queueMs: 30 }, {}))).toBe('a');
    expect(takes(candidates({ cachedTokens: 900, queueMs: 50 }, {}))).toBe('b');
  });

  it('prefers the replica with less decoding where the prefix is the same', () => {
    expect(takes(candidates({ inFlight: 20, contextTokens: 20_000 }, { inFlight: 3, contextTokens: 3000 }))).toBe('b');
  });

  it('weighs decoding by the length of the answer', () => {
    const list = candidates({ cachedTokens: 900, inFlight: 1, contextTokens: 10_000 }, {});

    expect(takes(list, { outputTokens: 1 })).toBe('a');
    expect(takes(list, { outputTokens: 1000 })).toBe('b');
  });

  it('avoids a replica whose memory is full', () => {
    expect(takes(candidates({ kvUse: 0.99, cachedTokens: 500 }, {}))).toBe('b');
    expect(takes(candidates({ kvUse: 0.85, kvTokens: 5000, cachedTokens: 100 }, {}))).toBe('b');
    expect(takes(candidates({ uncachedTokens: 4900, kvTokens: 5000, cachedTokens: 100 }, {}))).toBe('b');
    expect(takes(candidates({ kvUse: 0.5, kvTokens: 50_000, cachedTokens: 100 }, {}))).toBe('a');
  });

  it('avoids a replica that has turned out to be slower', () => {
    const slow = { ...DEFAULT_COST_RATES, prefillMsPerToken: 3 * DEFAULT_COST_RATES.prefillMsPerToken };

    expect(takes(candidates({ rates: slow, cachedTokens: 500 }, {}))).toBe('b');
  });

  it('shares equal replicas by chance', () => {
    const policy = createMaruPolicy();
    const random = seeded(3);
    const counts = [0, 0, 0, 0];
    for (let turn = 0; turn < 4000; turn += 1) {
      const { index } = policy.choose(policyRequest(), candidates({}, {}, {}, {}), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('says in time why it chose', () => {
    const list = candidates({ cachedTokens: 800, queueMs: 12 }, { queueMs: 500 });

    expect(createMaruPolicy().choose(policyRequest(), list, seeded()).why).toBe(
      'soonest done: queue 12 ms, prefill 8.2 ms, decode +0.0 ms, 800 of 1000 tokens cached',
    );
  });
});

describe('maru policy under an SLO', () => {
  const slo = { ttftMs: 1000, itlMs: 50 };
  /** Decides often enough that the usual prompt is known. */
  const after = (list: readonly Candidate[], request: Partial<PolicyRequest>): string => {
    const policy = createMaruPolicy();
    for (let turn = 0; turn < 50; turn += 1) policy.choose(policyRequest({ slo }), candidates({}), seeded());
    return list[policy.choose(policyRequest({ slo, ...request }), list, seeded()).index]?.endpoint ?? '';
  };

  it('takes the replica that still meets it', () => {
    expect(after(candidates({ cachedTokens: 1000, queueMs: 1500 }, { queueMs: 300 }), {})).toBe('b');
  });

  it('does not push a full batch over its bound for the sake of one prefix', () => {
    const full = { inFlight: 80, contextTokens: 600_000 };

    expect(after(candidates({ ...full, cachedTokens: 1000 }, { inFlight: 10, contextTokens: 70_000 }), {})).toBe('b');
  });

  it('sends what misses it anyway where nobody else is harmed', () => {
    const lost = { queueMs: 20_000, prefillShare: 1.5 };
    const good = { queueMs: 100, prefillShare: 0.6 };

    expect(after(candidates(lost, good, good), { promptTokens: 60_000 })).toBe('a');
    expect(after(candidates(lost, good, good), { promptTokens: 1000 })).not.toBe('a');
  });

  it('lets nothing wait for ever: a long enough queue is worse than the harm', () => {
    const lost = { queueMs: 10_000_000, prefillShare: 1.5 };

    expect(after(candidates(lost, { queueMs: 900, prefillShare: 0.9 }), { promptTokens: 60_000 })).toBe('b');
  });

  it('says when it is missed', () => {
    const list = candidates({ queueMs: 9000 });

    expect(createMaruPolicy().choose(policyRequest({ slo }), list, seeded()).why).toMatch(/the SLO is missed here with the least harm to others$/);
  });
});

describe('completion cost', () => {
  const options = { rates: DEFAULT_COST_RATES, nanoUsdPerMs: 1000, patience: 20 };
  const cost = (facts: Partial<Candidate>, request: Partial<PolicyRequest> = {}) => completionCost(policyRequest(request), candidate('a', facts), options);
  const OWN_MS = 500 * 0.04 + 500 * 750 * 1.2e-6;

  it('is the sum of wait, uncached prefill and interference', () => {
    const parts = cost({ queueMs: 10, cachedTokens: 500, inFlight: 2, contextTokens: 1000 });

    expect(parts.queueMs).toBe(10);
    expect(parts.prefillMs).toBeCloseTo(OWN_MS);
    // For half of 100 tokens: suffered 2 × 0.05 + 1000 × 0.00006, caused 2 × (0.05 + 1000 × 0.00006); and two requests held up.
    expect(parts.decodeMs).toBeCloseTo(8 + 11 + 2 * OWN_MS);
    expect(parts.totalMs).toBeCloseTo(parts.queueMs + parts.prefillMs + parts.decodeMs);
  });

  it('holds up only those that decode already', () => {
    expect(cost({ cachedTokens: 500, inFlight: 2, prefilling: 2 }, { outputTokens: 0 }).decodeMs).toBe(0);
  });

  it('counts what displaced blocks would have saved, once the cache is full', () => {
    expect(cost({ cachedTokens: 500, cacheYield: 3 }).displacedMs).toBe(0);
    expect(cost({ cachedTokens: 500, cacheYield: 3, cacheFill: 1 }).displacedMs).toBeCloseTo(3 * OWN_MS);
    expect(cost({ cachedTokens: 500, cacheYield: 1000, cacheFill: 1 }).displacedMs).toBeCloseTo(20 * OWN_MS);
  });

  it('counts what is recomputed later to those that decode, too', () => {
    const full = { cachedTokens: 500, cacheYield: 3, cacheFill: 1 };

    expect(cost({ ...full, inFlight: 4 }).displacedMs).toBeCloseTo(5 * 3 * OWN_MS);
    expect(cost({ ...full, inFlight: 4, prefilling: 4 }).displacedMs).toBeCloseTo(3 * OWN_MS);
  });

  it('adds money as time', () => {
    expect(cost({ costNanoUsd: 2_000_000 }).moneyMs).toBe(2000);
    expect(takes(candidates({ costNanoUsd: 2_000_000 }, { queueMs: 1000 }))).toBe('b');
  });

  it('never credits more than the prompt', () => {
    expect(cost({ cachedTokens: 5000 }).prefillMs).toBe(0);
  });
});
