import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../__fixtures__/candidates.ts';
import { composePolicy } from './compose-policy.ts';
import { firstBestPicker } from './pickers.ts';
import type { Scorer, SignalKey } from './policy.ts';

const scorer = (name: string, reads: readonly SignalKey[], scores: readonly number[]): Scorer => ({ name, reads, score: () => scores });

describe('a composed policy', () => {
  const policy = composePolicy({
    name: 'test',
    scorers: [
      { scorer: scorer('first', ['queue', 'prefix'], [1, 0]), weight: 1 },
      { scorer: scorer('second', ['prefix'], [0, 1]), weight: 3 },
    ],
    picker: firstBestPicker,
    explain: (chosen, request) => `${chosen.endpoint} for ${request.promptTokens}`,
  });

  it('reads what its scorers read, once', () => {
    expect(policy.reads).toEqual(['queue', 'prefix']);
  });

  it('adds scores by weight, picks, and explains the candidate that it took', () => {
    const choice = policy.choose(policyRequest(), candidates({}, {}), seeded());

    expect(choice).toMatchObject({ index: 1, totals: [0.25, 0.75], why: 'b for 1000' });
    expect(Object.fromEntries(choice.scores)).toEqual({ first: [1, 0], second: [0, 1] });
  });

  it('leaves totals at 0 without scorers', () => {
    const bare = composePolicy({ name: 'bare', scorers: [], picker: firstBestPicker, explain: () => 'first' });

    expect(bare.choose(policyRequest(), candidates({}, {}, {}), seeded())).toMatchObject({ index: 0, totals: [0, 0, 0] });
  });
});
