import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidate, policyRequest, seeded } from '../__fixtures__/candidates.ts';
import { createPolicy, POLICIES } from '../policy/create-policy.ts';

const candidatesOf = fc
  .array(
    fc.record({
      inFlight: fc.nat(200),
      kvUse: fc.double({ min: 0, max: 1, noNaN: true }),
      contextTokens: fc.nat(500_000),
      kvTokens: fc.constantFrom(0, 400_000),
      waiting: fc.nat(200),
      uncachedTokens: fc.nat(500_000),
      queueMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      prefilling: fc.nat(300),
      prefillTokens: fc.nat(1e6),
      prefillShare: fc.double({ min: 0, max: 5, noNaN: true }),
      activeTokens: fc.nat(500_000),
      activeMatchedTokens: fc.nat(4000),
      cachedTokens: fc.nat(4000),
      hostCachedTokens: fc.nat(4000),
      diskCachedTokens: fc.nat(4000),
      indexBlocks: fc.nat(30_000),
      cacheFill: fc.double({ min: 0, max: 1, noNaN: true }),
      cacheYield: fc.double({ min: 0, max: 100, noNaN: true }),
      costNanoUsd: fc.nat(1e9),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((facts) => facts.map((each, index) => candidate(`endpoint-${index}`, each)));

const requestOf = fc.record({
  slo: fc.option(fc.record({ ttftMs: fc.option(fc.nat(5000), { nil: undefined }), itlMs: fc.option(fc.nat(100), { nil: undefined }) }), { nil: undefined }),
  promptTokens: fc.nat(4000),
  outputTokens: fc.nat(4000),
  session: fc.option(fc.string(), { nil: undefined }),
  key: fc.nat(),
});

describe.each(POLICIES)('policy %s', (name) => {
  it('always takes one of the candidates, with scores from 0 to 1 and a reason', () => {
    fc.assert(
      fc.property(candidatesOf, requestOf, fc.nat(), (candidates, { key, ...request }, seed) => {
        const choice = createPolicy(name).choose({ ...request, prefixKey: () => key }, candidates, seeded(seed));

        expect(candidates[choice.index]).toBeDefined();
        expect(choice.totals).toHaveLength(candidates.length);
        for (const total of choice.totals) expect(total >= 0 && total <= 1 + 1e-9).toBe(true);
        for (const scores of choice.scores.values()) for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
        expect(choice.why).toMatch(/\S/);
      }),
      { numRuns: 100 },
    );
  });

  it('decides the same for the same seed', () => {
    const run = (): number[] => {
      const policy = createPolicy(name);
      const random = seeded(7);
      return Array.from({ length: 50 }, (_, turn) => {
        const candidates = [0, 1, 2, 3].map((index) => candidate(`e${index}`, { inFlight: (turn * index) % 3, cachedTokens: ((turn + index) % 4) * 100 }));
        return policy.choose(policyRequest({ prefixKey: () => turn }), candidates, random).index;
      });
    };

    expect(run()).toEqual(run());
  });

  it('takes the only candidate', () => {
    expect(createPolicy(name).choose(policyRequest(), [candidate('only')], seeded()).index).toBe(0);
  });
});

describe('policies', () => {
  it('refuses an unknown name and lists the known ones', () => {
    expect(() => createPolicy('fastest')).toThrow(/maru, random, round-robin/);
    expect(() => createPolicy('constructor')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
