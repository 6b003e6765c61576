import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger } from './__fixtures__/open-ledger.ts';
import type { Principal } from './principal.ts';

const START_MS = Date.parse('2026-11-21T10:30:00Z');
let test: TestLedger;
let key: Principal;
beforeEach(async () => {
  test = await openTestLedger({ startMs: START_MS });
  key = await test.ledger.authenticate((await test.ledger.createKey({ tenant: 'default', name: 'k' })).secret);
});
afterEach(() => test.remove());

const charge = async (dollars: number, changes: Parameters<typeof factsOf>[1] = {}) =>
  test.ledger.settle(await test.ledger.admit(key, askFor(dollars)), factsOf(dollars, changes));

describe('discounts', () => {
  it('are in the charge, beside what was charged', async () => {
    expect(await charge(8, { discount: { for: 'batch', share: 0.5 } })).toMatchObject({ costNanoUsd: 4e9, discount: { for: 'batch', nanoUsd: 4e9 } });
    expect(await charge(8, { discount: { for: 'cache', share: 0 } })).toMatchObject({ costNanoUsd: 0, discount: { for: 'cache', nanoUsd: 8e9 } });
    await test.ledger.flush();

    const { charges } = await test.ledger.charges();
    expect(charges.map(({ discount }) => discount).sort((left, right) => (left?.nanoUsd ?? 0) - (right?.nanoUsd ?? 0))).toEqual([
      { for: 'batch', nanoUsd: 4e9 },
      { for: 'cache', nanoUsd: 8e9 },
    ]);
  });

  it('are not there where all of the price was charged, or none is known', async () => {
    expect(await charge(8)).not.toHaveProperty('discount');
    expect(await charge(8, { discount: { for: 'batch', share: 1 } })).not.toHaveProperty('discount');
    const unpriced = { price: undefined, provider: 'nobody', servedName: 'nothing', discount: { for: 'batch' as const, share: 0.5 } };
    const unknown = await charge(1, unpriced);
    expect(unknown).toMatchObject({ costNanoUsd: null });
    expect(unknown).not.toHaveProperty('discount');
  });

  it('are summed by kind and model, the largest saving first, within the time that is asked for', async () => {
    await charge(2, { discount: { for: 'batch', share: 0.5 } });
    await charge(4, { discount: { for: 'batch', share: 0.25 }, model: 'other' });
    await charge(6, { discount: { for: 'batch', share: 0.5 } });
    await charge(1, { discount: { for: 'cache', share: 0 } });
    await charge(100);
    await test.clock.advance(60_000);
    await charge(50, { discount: { for: 'batch', share: 0.5 } });
    await test.ledger.flush();

    expect(await test.ledger.discounts({ toMs: START_MS + 60_000 })).toEqual([
      { for: 'batch', model: 'm', requests: 2, costNanoUsd: 4e9, savedNanoUsd: 4e9 },
      { for: 'batch', model: 'other', requests: 1, costNanoUsd: 1e9, savedNanoUsd: 3e9 },
      { for: 'cache', model: 'm', requests: 1, costNanoUsd: 0, savedNanoUsd: 1e9 },
    ]);
    expect(await test.ledger.discounts({ fromMs: START_MS + 60_000 })).toEqual([
      { for: 'batch', model: 'm', requests: 1, costNanoUsd: 25e9, savedNanoUsd: 25e9 },
    ]);
    expect(await test.ledger.discounts({ fromMs: START_MS + 120_000 })).toEqual([]);
  });

  it('and what was charged are together the price, for every share', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), async (dollars, share) => {
        const full = await charge(dollars);
        const reduced = await charge(dollars, { discount: { for: 'batch', share } });

        expect((reduced?.costNanoUsd ?? 0) + (reduced?.discount?.nanoUsd ?? 0)).toBe(full?.costNanoUsd);
        expect(reduced?.costNanoUsd).toBeLessThanOrEqual(full?.costNanoUsd ?? 0);
      }),
      { numRuns: 50 },
    );
  });
});
