import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import { dynamoTerms } from './dynamo-cost.ts';
import { createDynamoCostPolicy, pickByCost } from './dynamo-cost-policy.ts';

describe('terms of the Dynamo cost', () => {
  const request = policyRequest({ promptTokens: 1600 });
  const terms = (facts: object, options = {}) => dynamoTerms(request, candidates(facts), options)[0];

  it('are the waiting prefill and the prompt less the credit, and the active blocks with this prompt', () => {
    expect(terms({ prefillTokens: 320, cachedTokens: 800, activeTokens: 1600 })).toEqual({ prefillBlocks: 20 + 100 - 50, decodeBlocks: 200 });
  });

  it('count blocks once that are active already', () => {
    expect(terms({ activeTokens: 1600, activeMatchedTokens: 1600 })?.decodeBlocks).toBe(100);
  });

  it('credit the tiers by their weights', () => {
    expect(terms({ hostCachedTokens: 160, diskCachedTokens: 160 })?.prefillBlocks).toBe(100 - 7.5 - 2.5);
    expect(terms({ cachedTokens: 800 }, { overlapCredit: 0.5 })?.prefillBlocks).toBe(75);
  });

  it('let the credit fade where more prompts wait than elsewhere', () => {
    const [busy, idle] = dynamoTerms(request, candidates({ cachedTokens: 1600, prefillTokens: 1600 }, { cachedTokens: 1600 }), { creditDecay: 1 });

    expect(busy?.prefillBlocks).toBe(100 + 100 - 50);
    expect(idle?.prefillBlocks).toBe(0);
  });

  it('are never negative', () => {
    expect(terms({ cachedTokens: 1600 }, { overlapCredit: 3 })?.prefillBlocks).toBe(0);
  });
});

describe('dynamo-cost policy', () => {
  const list = candidates({ cachedTokens: 1000, activeTokens: 4000 }, { activeTokens: 0, prefillTokens: 500 });

  it('adds the terms, and lmetric multiplies them', () => {
    expect(createDynamoCostPolicy().choose(policyRequest(), list, seeded()).index).toBe(1);
    expect(createDynamoCostPolicy({}, 'lmetric').choose(policyRequest(), list, seeded()).index).toBe(0);
  });

  it('can weigh requests', () => {
    const busy = candidates({ inFlight: 30, cachedTokens: 500 }, {});

    expect(createDynamoCostPolicy().choose(policyRequest(), busy, seeded()).index).toBe(0);
    expect(createDynamoCostPolicy({ requestWeight: 2 }).choose(policyRequest(), busy, seeded()).index).toBe(1);
  });
});

describe('pick by cost', () => {
  it('takes the least, equal ones by chance', () => {
    const random = seeded(4);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 1000; turn += 1) {
      const index = pickByCost([2, 1, 1], 0, random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    expect(counts[0]).toBe(0);
    expect(Math.abs((counts[1] ?? 0) - 500)).toBeLessThan(60);
  });

  it('draws by softmax over normalised costs with a temperature', () => {
    const random = seeded(4);
    let first = 0;
    for (let turn = 0; turn < 10_000; turn += 1) if (pickByCost([100, 300], 1, random) === 0) first += 1;

    expect(first / 10_000).toBeCloseTo(1 / (1 + Math.exp(-1)), 1.5);
  });

  it('is always one of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.nat(),
        (costs, t, seed) => {
          expect(costs[pickByCost(costs, t, seeded(seed))]).toBeDefined();
        },
      ),
    );
  });
});
