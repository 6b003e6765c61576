import { describe, expect, it } from 'vitest';
import { candidates, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import type { CompletionCost } from './completion-cost.ts';
import { pickNearEqual } from './near-equal.ts';

const cost = (totalMs: number, parts: Partial<CompletionCost> = {}): CompletionCost => ({
  queueMs: 0,
  prefillMs: 0,
  decodeMs: 0,
  displacedMs: 0,
  moneyMs: 0,
  missedMs: 0,
  lost: 0,
  demandMs: 0,
  totalMs,
  ...parts,
});

const pick = (costs: readonly CompletionCost[], ...facts: Partial<Candidate>[]): number =>
  pickNearEqual(costs, candidates(...facts), { promptTokens: 1000, random: seeded() });

describe('a choice among near equals', () => {
  it('takes the least cost where it is clear', () => {
    expect(pick([cost(100), cost(200)], {}, { cachedTokens: 1000 })).toBe(0);
  });

  it('prefers the holder of the prompt within the error of the prediction', () => {
    expect(pick([cost(100), cost(120)], {}, { cachedTokens: 1000 })).toBe(1);
  });

  it('gives a new beginning to the one whose memory is used least, prompts on their way included', () => {
    expect(pick([cost(100), cost(120)], { kvTokens: 10_000, kvUse: 0.5 }, { kvTokens: 10_000, kvUse: 0.4 })).toBe(1);
    expect(pick([cost(100), cost(120)], { kvTokens: 10_000, kvUse: 0.5 }, { kvTokens: 10_000, kvUse: 0.4, prefillTokens: 2000 })).toBe(0);
    expect(pick([cost(100), cost(120)], { uncachedTokens: 2000 }, { uncachedTokens: 1000 })).toBe(1);
  });

  it('goes by cost where nothing is known of memory', () => {
    expect(pick([cost(101), cost(100)], {}, {})).toBe(1);
  });

  it('never takes a higher price, or more misses, for a small difference', () => {
    expect(pick([cost(1000, { moneyMs: 900 }), cost(1100, { moneyMs: 1000 })], {}, { cachedTokens: 1000 })).toBe(0);
    expect(pick([cost(1000, { missedMs: 900 }), cost(1100, { missedMs: 1000 })], {}, { cachedTokens: 1000 })).toBe(0);
  });

  it('shares full equals by chance', () => {
    const random = seeded(5);
    const counts = [0, 0, 0];
    for (let turn = 0; turn < 3000; turn += 1) {
      const place = pickNearEqual([cost(1), cost(1), cost(1)], candidates({}, {}, {}), { promptTokens: 1000, random });
      counts[place] = (counts[place] ?? 0) + 1;
    }

    expect(Math.min(...counts)).toBeGreaterThan(900);
  });

  it('takes the first where costs are no numbers', () => {
    expect(pick([cost(Number.NaN), cost(Number.NaN)], {}, {})).toBe(0);
  });
});
