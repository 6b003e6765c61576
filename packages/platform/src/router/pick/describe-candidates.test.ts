import { describe, expect, it } from 'vitest';
import { candidates } from '../__fixtures__/candidates.ts';
import { createEndpointState } from '../state/endpoint-state.ts';
import { describeCandidates } from './describe-candidates.ts';

describe('described candidates', () => {
  it('keep the order of the endpoints and give scores to those that were scored', () => {
    const pairs = ['a', 'b', 'c'].map((name) => ({ state: createEndpointState(name, 1) }));
    const [, b, c] = candidates({}, { cachedTokens: 5 }, {});
    const choice = { index: 0, scores: new Map([['cost', [1, 0.5]]]), totals: [1, 0.5], why: '' };

    const described = describeCandidates({
      pairs,
      removedBy: ['cooling-down', undefined, undefined],
      candidates: b === undefined || c === undefined ? [] : [b, c],
      choice,
      ttftMs: [7, 8],
    });

    expect(described).toEqual([
      { endpoint: 'a', removedBy: 'cooling-down', scores: {}, total: 0, expectedCachedTokens: 0 },
      { endpoint: 'b', scores: { cost: 1 }, total: 1, expectedCachedTokens: 5, predictedTtftMs: 7 },
      { endpoint: 'c', scores: { cost: 0.5 }, total: 0.5, expectedCachedTokens: 0, predictedTtftMs: 8 },
    ]);
  });
});
