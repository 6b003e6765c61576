import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf, usageOf } from './__fixtures__/open-ledger.ts';
import type { Principal } from './principal.ts';

let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

async function keyFor(changes = {}): Promise<Principal> {
  const { secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci', ...changes });
  return test.ledger.authenticate(secret);
}

/** The outcome of an admission: `ok` or the code of the refusal. */
async function outcome(admit: () => unknown): Promise<string> {
  try {
    await admit();
    return 'ok';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

describe('admission by model', () => {
  it('allows what key and tenants allow, all the way up', async () => {
    test.ledger.setTenants([tenantOf('company', { models: ['auto', 'sim-8b'] }), tenantOf('team', { parent: 'company', models: ['auto', 'reader'] })]);
    const principal = await keyFor({ tenant: 'team', models: ['auto', 'reader', 'sim-8b'] });

    expect(await outcome(() => test.ledger.admit(principal, askFor(0, 'auto')))).toBe('ok');
    expect(await outcome(() => test.ledger.admit(principal, askFor(0, 'reader')))).toBe('model_not_allowed');
    expect(await outcome(() => test.ledger.admit(principal, askFor(0, 'sim-8b')))).toBe('model_not_allowed');
    expect(await outcome(() => test.ledger.admit(principal, askFor(0, 'other')))).toBe('model_not_allowed');
  });

  it('allows everything where no list is given, and everything to an administrator', async () => {
    test.ledger.setTenants([tenantOf('default', { models: ['auto'] })]);

    expect(await outcome(() => test.ledger.admit(test.ledger.authenticate('sk-master-for-tests') as Principal, askFor(0, 'secret')))).toBe('ok');
    test.ledger.setTenants([]);
    expect(await outcome(async () => test.ledger.admit(await keyFor(), askFor(0, 'anything')))).toBe('ok');
  });

  it('refuses a key whose tenant is gone', async () => {
    test.ledger.setTenants([tenantOf('team')]);
    const principal = await keyFor({ tenant: 'team' });
    expect(await outcome(() => test.ledger.admit(principal, askFor(0)))).toBe('ok');

    test.ledger.setTenants([]);

    expect(await outcome(() => test.ledger.admit(principal, askFor(0)))).toBe('forbidden');
  });
});

describe('admission by rate', () => {
  it('counts only what it admits', async () => {
    const principal = await keyFor({ limits: { requestsPerMinute: 2 }, models: ['auto'] });
    await outcome(() => test.ledger.admit(principal, askFor(0, 'forbidden-model')));

    expect(await Promise.all([1, 2, 3].map(() => outcome(() => test.ledger.admit(principal, askFor(0)))))).toEqual(['ok', 'ok', 'rate_limited']);

    await test.clock.advance(60_000);
    expect(await outcome(() => test.ledger.admit(principal, askFor(0)))).toBe('ok');
  });

  it('shares the rate of a tenant between its keys and its children', async () => {
    test.ledger.setTenants([tenantOf('company', { limits: { requestsPerMinute: 2 } }), tenantOf('team', { parent: 'company' })]);
    const [first, second] = [await keyFor({ tenant: 'company' }), await keyFor({ tenant: 'team' })];

    expect([
      await outcome(() => test.ledger.admit(first, askFor(0))),
      await outcome(() => test.ledger.admit(second, askFor(0))),
      await outcome(() => test.ledger.admit(first, askFor(0))),
      await outcome(() => test.ledger.admit(second, askFor(0))),
    ]).toEqual(['ok', 'ok', 'rate_limited', 'rate_limited']);
  });

  it('frees a place when a request is settled or released', async () => {
    const principal = await keyFor({ limits: { concurrentRequests: 1 } });
    const first = await test.ledger.admit(principal, askFor(0));
    expect(await outcome(() => test.ledger.admit(principal, askFor(0)))).toBe('rate_limited');

    test.ledger.release(first);
    const second = await test.ledger.admit(principal, askFor(0));
    test.ledger.settle(second, factsOf(0));

    expect(await outcome(() => test.ledger.admit(principal, askFor(0)))).toBe('ok');
  });

  it('tells the client how much is left', async () => {
    const principal = await keyFor({ limits: { requestsPerMinute: 3, tokensPerMinute: 100 } });

    const { headers } = await test.ledger.admit(principal, { requestedModel: 'auto', estimate: usageOf({ inputTokens: 30, outputTokens: 10 }), prices: [] });

    expect(headers).toEqual({
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '60s',
      'x-ratelimit-reset-tokens': '60s',
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-remaining-tokens': '60',
    });
  });
});

describe('admission by budget', () => {
  it('answers from memory once it holds a share of the budget', async () => {
    const principal = await keyFor({ budgets: [{ usd: 1000, window: 'total' }] });

    expect(test.ledger.admit(principal, askFor(1))).toBeInstanceOf(Promise);
    await test.ledger.flush();
    await test.ledger.admit(principal, askFor(1));

    expect(test.ledger.admit(principal, askFor(1))).not.toBeInstanceOf(Promise);
  });

  it('says which budget, what is spent, reserved and allowed, and when it resets', async () => {
    test.ledger.setTenants([tenantOf('default', { budgets: [{ usd: 10, window: 'month' }] })]);
    const principal = await keyFor();
    test.ledger.settle(await test.ledger.admit(principal, askFor(4)), factsOf(3));
    await test.ledger.admit(principal, askFor(5));

    await expect((async () => test.ledger.admit(principal, askFor(3)))()).rejects.toMatchObject({
      code: 'quota_exceeded',
      status: 402,
      message:
        'the budget of tenant "default" per month has $3.00 spent and $5.00 reserved of $10.00, and the request may cost $3.00; it resets at 2026-12-01T00:00:00.000Z',
      details: { budget: 'tenant/default/month', spentNanoUsd: 3e9, reservedNanoUsd: 5e9, limitNanoUsd: 10e9, resetMs: Date.parse('2026-12-01T00:00:00Z') },
      retryAfterS: (Date.parse('2026-12-01T00:00:00Z') - Date.parse('2026-11-21T10:30:00Z')) / 1000,
    });
  });

  it('reserves the dearest of the models that may answer', async () => {
    const principal = await keyFor({ budgets: [{ usd: 10, window: 'total' }] });
    const prices = [1, 3, 2].map((dollars) => ({
      provider: 'vllm',
      model: `m${dollars}`,
      price: { inputUsdPerMillion: dollars * 1_000_000, outputUsdPerMillion: 0 },
    }));

    const reservation = await test.ledger.admit(principal, { requestedModel: 'auto', estimate: usageOf({ inputTokens: 2 }), prices });

    expect(reservation.estimateNanoUsd).toBe(6e9);
  });

  it('begins anew with the next window', async () => {
    test.ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1, window: 'hour' }] })]);
    const principal = await keyFor();
    test.ledger.settle(await test.ledger.admit(principal, askFor(1)), factsOf(1));
    expect(await outcome(() => test.ledger.admit(principal, askFor(1)))).toBe('quota_exceeded');

    await test.clock.advance(30 * 60_000);

    expect(await outcome(() => test.ledger.admit(principal, askFor(1)))).toBe('ok');
  });

  it('asks every budget up the chain', async () => {
    test.ledger.setTenants([tenantOf('company', { budgets: [{ usd: 3 }] }), tenantOf('team', { parent: 'company', budgets: [{ usd: 100 }] })]);
    const principal = await keyFor({ tenant: 'team' });

    expect(await outcome(() => test.ledger.admit(principal, askFor(4)))).toBe('quota_exceeded');
    expect(await outcome(() => test.ledger.admit(principal, askFor(3)))).toBe('ok');
  });

  it('only warns on a soft budget', async () => {
    test.ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1, mode: 'soft' }] })]);
    const principal = await keyFor();

    test.ledger.settle(await test.ledger.admit(principal, askFor(5)), factsOf(5));
    await test.ledger.flush();

    expect(await test.ledger.budgetStates()).toEqual([expect.objectContaining({ id: 'tenant/default/month/soft', spentNanoUsd: 5e9, state: 'exhausted' })]);
  });

  it('takes a changed limit at once, up and down', async () => {
    const budget = (usd: number) => [tenantOf('default', { budgets: [{ usd }] })];
    test.ledger.setTenants(budget(100));
    const principal = await keyFor();
    test.ledger.settle(await test.ledger.admit(principal, askFor(5)), factsOf(5));

    test.ledger.setTenants(budget(6));
    expect(await outcome(() => test.ledger.admit(principal, askFor(2)))).toBe('quota_exceeded');
    test.ledger.setTenants(budget(7));
    expect(await outcome(() => test.ledger.admit(principal, askFor(2)))).toBe('ok');
  });

  it('does not refuse a request without a known price, and charges it as unknown', async () => {
    const principal = await keyFor({ budgets: [{ usd: 0, window: 'total' }] });
    const reservation = await test.ledger.admit(principal, {
      requestedModel: 'x',
      estimate: usageOf({ inputTokens: 5 }),
      prices: [{ provider: 'vllm', model: 'x' }],
    });

    expect(reservation.estimateNanoUsd).toBeNull();
    expect(test.ledger.settle(reservation, factsOf(5, { price: undefined }))).toMatchObject({ costNanoUsd: null, priceSource: null });
  });

  it('gives the money of a reservation back when nobody settles it in time', async () => {
    const principal = await keyFor({ budgets: [{ usd: 1, window: 'total' }] });
    await test.ledger.admit(principal, askFor(1));
    expect(await outcome(() => test.ledger.admit(principal, askFor(1)))).toBe('quota_exceeded');

    await test.clock.advance(11 * 60_000);

    expect(await outcome(() => test.ledger.admit(principal, askFor(1)))).toBe('ok');
  });

  it('charges a request that is settled after its reservation ran out', async () => {
    const principal = await keyFor({ budgets: [{ usd: 2, window: 'total' }] });
    const late = await test.ledger.admit(principal, askFor(1));
    await test.clock.advance(11 * 60_000);

    expect(test.ledger.settle(late, factsOf(1))).toMatchObject({ costNanoUsd: 1e9 });
    await test.ledger.flush();

    expect(await outcome(() => test.ledger.admit(principal, askFor(2)))).toBe('quota_exceeded');
    expect(await outcome(() => test.ledger.admit(principal, askFor(1)))).toBe('ok');
  });

  it('holds nothing after a refusal', async () => {
    const principal = await keyFor({ budgets: [{ usd: 5, window: 'total' }], limits: { requestsPerMinute: 3, concurrentRequests: 3 } });
    await outcome(() => test.ledger.admit(principal, askFor(6)));
    await outcome(() => test.ledger.admit(principal, askFor(6)));

    expect(await outcome(() => test.ledger.admit(principal, askFor(5)))).toBe('ok');
  });

  it('fails closed when the store does not answer', async () => {
    const principal = await keyFor({ budgets: [{ usd: 5, window: 'total' }] });
    await test.store.close();

    await expect(Promise.resolve(test.ledger.admit(principal, askFor(1)))).rejects.toBeDefined();
  });

  it('admits exactly what fits, one process alone: reserved + spent + estimate ≤ cap decides', async () => {
    const step = fc.record({
      kind: fc.constantFrom('admit', 'admit', 'settle', 'release', 'flush', 'idle'),
      dollars: fc.integer({ min: 1, max: 8 }),
      pick: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 30 }), async (steps, cap) => {
        const each = await openTestLedger();
        const { secret } = await each.ledger.createKey({ tenant: 'default', name: 'p', budgets: [{ usd: cap, window: 'total' }] });
        const principal = await each.ledger.authenticate(secret);
        const open: { reservation: Awaited<ReturnType<typeof each.ledger.admit>>; dollars: number }[] = [];
        let [reserved, spent] = [0, 0];
        for (const { kind, dollars, pick } of steps) {
          if (kind === 'admit') {
            const fits = reserved + spent + dollars <= cap;
            try {
              open.push({ reservation: await each.ledger.admit(principal, askFor(dollars)), dollars });
              reserved += dollars;
              expect(fits).toBe(true);
            } catch (error) {
              expect(error).toMatchObject({ code: 'quota_exceeded' });
              expect(fits).toBe(false);
            }
          } else if (kind === 'flush') await each.ledger.flush();
          else if (kind === 'idle') await each.clock.advance(40_000);
          else {
            const [held] = open.splice(pick % Math.max(1, open.length), 1);
            if (held === undefined) continue;
            reserved -= held.dollars;
            const actual = Math.min(held.dollars, dollars);
            if (kind === 'release') each.ledger.release(held.reservation);
            else {
              each.ledger.settle(held.reservation, factsOf(actual));
              spent += actual;
            }
          }
        }
        await each.ledger.flush();
        expect((await each.ledger.budgetStates())[0]?.spentNanoUsd).toBe(spent * 1e9);
        await each.remove();
      }),
      { numRuns: 35 },
    );
  });

  it('never goes over the cap when many requests come at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 }), async (requests, cap) => {
        const each = await openTestLedger();
        const { secret } = await each.ledger.createKey({ tenant: 'default', name: 'p', budgets: [{ usd: cap, window: 'total' }] });
        const principal = await each.ledger.authenticate(secret);

        const results = await Promise.allSettled(requests.map((dollars) => each.ledger.admit(principal, askFor(dollars))));

        const admitted = requests.filter((_, index) => results[index]?.status === 'fulfilled').reduce((sum, dollars) => sum + dollars, 0);
        expect(admitted).toBeLessThanOrEqual(cap);
        for (const [index, dollars] of requests.entries()) if (results[index]?.status === 'rejected') expect(admitted + dollars).toBeGreaterThan(cap);
        await each.remove();
      }),
      { numRuns: 25 },
    );
  });
});
