import { describe, expect, it } from 'vitest';
import { candidates, policyRequest, seeded } from '../../__fixtures__/candidates.ts';
import type { Candidate } from '../../policy/policy.ts';
import { createSloHeadroomPolicy } from './slo-headroom-policy.ts';

const slo = { ttftMs: 1000, itlMs: 50 };
const choose = (list: readonly Candidate[], facts = {}) => createSloHeadroomPolicy().choose(policyRequest({ slo, ...facts }), list, seeded());

describe('slo-headroom policy', () => {
  it('takes the tightest replica that still meets the SLO', () => {
    expect(choose(candidates({}, { queueMs: 800 }, { queueMs: 2000 })).index).toBe(1);
  });

  it('takes the replica that misses least where none meets it', () => {
    const choice = choose(candidates({ queueMs: 9000 }, { queueMs: 3000 }, { queueMs: 5000 }));

    expect(choice.index).toBe(1);
    expect(choice.why).toMatch(/no replica meets the SLO/);
  });

  it('counts what is cached, so that a waiting replica may meet what an empty one does not', () => {
    const prompt = { promptTokens: 40_000 };

    expect(choose(candidates({}, { cachedTokens: 39_000, queueMs: 500 }), prompt).index).toBe(1);
  });

  it('looks at the time between tokens too', () => {
    expect(choose(candidates({ inFlight: 900, contextTokens: 900_000 }, { queueMs: 900 })).index).toBe(1);
  });
});
