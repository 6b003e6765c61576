import { ROUTE_STRATEGIES } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { backends, strategyRequest } from './__fixtures__/backends.ts';
import { STRATEGIES } from './strategies.ts';
import type { BackendCandidate } from './strategy.ts';

const anyCandidate: fc.Arbitrary<Partial<BackendCandidate>> = fc.record(
  {
    weight: fc.integer({ min: 1, max: 100 }),
    order: fc.integer({ min: 0, max: 3 }),
    rpm: fc.integer({ min: 1, max: 1000 }),
    tpm: fc.integer({ min: 1, max: 1e6 }),
    maxParallel: fc.integer({ min: 1, max: 50 }),
    inFlight: fc.integer({ min: 0, max: 100 }),
    firstTokenMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    answerMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    usedRequests: fc.integer({ min: 0, max: 2000 }),
    usedTokens: fc.integer({ min: 0, max: 2e6 }),
    costNanoUsd: fc.integer({ min: 0, max: 1e12 }),
    healthy: fc.double({ min: 0, max: 1, noNaN: true }),
    budgetLeft: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: [] },
);
const anyBackends = fc.array(anyCandidate, { minLength: 1, maxLength: 8 }).map((given) => backends(...given));
const anyRequest = fc.record({
  promptTokens: fc.nat(1e6),
  outputTokens: fc.nat(1e5),
  sloTtftMs: fc.option(fc.integer({ min: 1, max: 1e5 }), { nil: undefined }),
  streams: fc.boolean(),
});

describe.each(ROUTE_STRATEGIES)('the strategy %s', (name) => {
  const strategy = STRATEGIES[name];

  it('is known by its name and says what it reads', () => {
    expect(strategy.name).toBe(name);
    expect(strategy.reads.length).toBeGreaterThan(0);
  });

  it('chooses one of the candidates and scores every one from 0 to 1', () => {
    fc.assert(
      fc.property(anyRequest, anyBackends, fc.integer(), (request, candidates, seed) => {
        const choice = strategy.choose(request, candidates, createRandom(seed));

        expect(choice.index).toBeGreaterThanOrEqual(0);
        expect(choice.index).toBeLessThan(candidates.length);
        expect(choice.scores).toHaveLength(candidates.length);
        for (const score of choice.scores) expect(score >= 0 && score <= 1).toBe(true);
        expect(typeof choice.why).toBe('string');
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for the same seed, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(anyBackends, fc.integer(), (candidates, seed) => {
        const before = structuredClone(candidates);
        const first = strategy.choose(strategyRequest(), candidates, createRandom(seed));
        const second = strategy.choose(strategyRequest(), candidates, createRandom(seed));

        expect(second).toEqual(first);
        expect(candidates).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it('shares among equal backends', () => {
    const random = createRandom(3);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 3000; turn += 1) {
      const { index } = strategy.choose(strategyRequest(), backends({}, {}, {}), random);
      counts[index] = (counts[index] ?? 0) + 1;
    }

    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('does not depend on the order of its candidates when one is better in everything', () => {
    const good = {
      inFlight: 0,
      firstTokenMs: 10,
      rpm: 1000,
      tpm: 1e6,
      usedRequests: 0,
      usedTokens: 0,
      costNanoUsd: 1,
      healthy: 1,
      budgetLeft: 1,
      order: 0,
      weight: 1000,
    };
    const bad = {
      inFlight: 90,
      firstTokenMs: 9000,
      rpm: 1000,
      tpm: 1e6,
      usedRequests: 990,
      usedTokens: 990_000,
      costNanoUsd: 1e9,
      healthy: 0,
      budgetLeft: 0,
      order: 1,
      weight: 1,
    };
    for (const candidates of [backends(good, bad), backends(bad, good)]) {
      const wanted = candidates.findIndex((candidate) => candidate.order === 0);
      let hits = 0;
      for (let seed = 0; seed < 200; seed += 1)
        if (strategy.choose(strategyRequest({ sloTtftMs: 500 }), candidates, createRandom(seed)).index === wanted) hits += 1;

      expect(hits).toBeGreaterThan(190);
    }
  });
});
