import { describe, expect, it } from 'vitest';
import { backends, strategyRequest } from '../__fixtures__/backends.ts';
import type { BackendCandidate } from '../strategy.ts';
import { simpleShuffleStrategy } from './simple-shuffle-strategy.ts';

const at = (share: number, ...given: Partial<BackendCandidate>[]) => simpleShuffleStrategy.choose(strategyRequest(), backends(...given), () => share);

describe('simple shuffle', () => {
  it('goes by weight where one is given; a missing one is 1', () => {
    expect(at(0.97, { weight: 99 }, {})).toMatchObject({ index: 0, why: 'weight 99 of 100' });
    expect(at(0.995, { weight: 99 }, {})).toMatchObject({ index: 1, why: 'weight 1 of 100' });
  });

  it('goes by requests per minute where there are no weights, then by tokens per minute', () => {
    expect(at(0.5, { rpm: 100 }, { rpm: 900 })).toMatchObject({ index: 1, why: 'rpm 900 of 1000' });
    expect(at(0.05, { tpm: 100 }, { tpm: 900 })).toMatchObject({ index: 0, why: 'tpm 100 of 1000' });
    expect(at(0.05, { weight: 1, rpm: 10 }, { weight: 1, rpm: 900 })).toMatchObject({ why: 'weight 1 of 2' });
  });

  it('goes by chance alone where nothing is given, and says nothing about a single one', () => {
    expect([0, 0.4, 0.9].map((share) => at(share, {}, {}, {}).index)).toEqual([0, 1, 2]);
    expect(at(0.5, {}).why).toBe('');
  });
});
