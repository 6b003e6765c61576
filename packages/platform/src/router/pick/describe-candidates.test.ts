import { describe, expect, it } from 'vitest';
import { describeCandidates } from './describe-candidates.ts';

describe('described candidates', () => {
  it('keep the order of the endpoints and give scores to those that were scored', () => {
    const described = describeCandidates({
      endpoints: ['a', 'b', 'c'],
      removedBy: ['cooling-down', undefined, undefined],
      cachedTokens: [5, 0],
      ttftMs: [7, 8],
      choice: { index: 0, scores: new Map([['cost', [1, 0.5]]]), totals: [1, 0.5], why: '' },
    });

    expect(described).toEqual([
      { endpoint: 'a', removedBy: 'cooling-down', scores: {}, total: 0, expectedCachedTokens: 0 },
      { endpoint: 'b', scores: { cost: 1 }, total: 1, expectedCachedTokens: 5, predictedTtftMs: 7 },
      { endpoint: 'c', scores: { cost: 0.5 }, total: 0.5, expectedCachedTokens: 0, predictedTtftMs: 8 },
    ]);
  });

  it('leave out what scored worst of very many', () => {
    const totals = Array.from({ length: 100 }, (_, index) => index);

    const described = describeCandidates({
      endpoints: totals.map((index) => `e${index}`),
      removedBy: undefined,
      cachedTokens: [],
      ttftMs: [],
      choice: { index: 0, scores: new Map(), totals, why: '' },
    });

    expect(described.map(({ endpoint }) => endpoint)).toEqual(['e0', ...totals.slice(37).map((index) => `e${index}`)]);
  });
});
