import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate, PolicyRequest } from '../../policy/policy.ts';
import { completionCost, DEFAULT_COST_RATES } from './completion-cost.ts';
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
    expect(takes(candidates({ kvUse: 0.5, kvTokens: 50_000, cachedTokens: 100 }, {}))).toBe('a');
  });

  it('avoids a replica that has been slower than predicted', () => {
    expect(takes(candidates({ slowness: 3, cachedTokens: 500 }, {}))).toBe('b');
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
      'soonest done: queue 12 ms, prefill 8.0 ms, decode +0.0 ms, 800 of 1000 tokens cached',
    );
  });
});

describe('completion cost', () => {
  const cost = (facts: Partial<Candidate>, request: Partial<PolicyRequest> = {}) =>
    completionCost(policyRequest(request), { ...(candidates({})[0] as Candidate), ...facts }, DEFAULT_COST_RATES);

  it('is the sum of wait, uncached prefill and interference', () => {
    const parts = cost({ queueMs: 10, cachedTokens: 500, inFlight: 2, contextTokens: 1000 });

    expect(parts.queueMs).toBe(10);
    expect(parts.prefillMs).toBeCloseTo(20);
    // Suffered (2 × 0.05 + 1000 × 0.00006) × 100, caused 2 × (0.05 + 1000 × 0.00006) × 100, and two requests held up by half of 20 ms.
    expect(parts.decodeMs).toBeCloseTo(16 + 22 + 20);
    expect(parts.totalMs).toBeCloseTo(parts.queueMs + parts.prefillMs + parts.decodeMs);
  });

  it('never credits more than the prompt', () => {
    expect(cost({ cachedTokens: 5000 }).prefillMs).toBe(0);
  });
});
