import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { tenantOf } from './__fixtures__/open-ledger.ts';
import { budgetsOf } from './budget.ts';
import type { Principal } from './principal.ts';
import { createTenants } from './tenants.ts';

const principalOf = (tenant: string, changes: Partial<Principal> = {}): Principal => ({ keyId: 'key_1', tenant, name: 'ci', admin: false, ...changes });

describe('tenants', () => {
  it('keep what they were when a new tree is wrong', () => {
    const tenants = createTenants(createFakeClock());
    tenants.set([tenantOf('team')]);

    expect(() => tenants.set([tenantOf('other', { parent: 'missing' })])).toThrow(expect.objectContaining({ code: 'reference_missing' }));

    expect(tenants.chain(principalOf('team')).map((tenant) => tenant.name)).toEqual(['team']);
  });

  it('have a default that needs no resource, and no other', () => {
    const tenants = createTenants(createFakeClock());

    expect(tenants.chain(principalOf('default'))).toEqual([]);
    expect(() => tenants.chain(principalOf('team'))).toThrow(expect.objectContaining({ code: 'forbidden', status: 403 }));
  });

  it('ask the budget of the key first, then those up the chain, and list each tenant budget once', () => {
    const tenants = createTenants(createFakeClock());
    tenants.set([tenantOf('unit', { budgets: [{ usd: 1, window: 'day' }] }), tenantOf('team', { parent: 'unit', budgets: [{ usd: 2 }] })]);
    const principal = principalOf('team', { budgets: budgetsOf('key', 'key_1', [{ usd: 5e-9, window: 'total', mode: 'hard', warnAtPercent: 80 }]) });

    expect(tenants.budgets(principal, tenants.chain(principal)).map((budget) => budget.id)).toEqual([
      'key/key_1/total',
      'tenant/team/month',
      'tenant/unit/day',
    ]);
    expect(
      tenants
        .all()
        .map((budget) => budget.id)
        .sort(),
    ).toEqual(['tenant/team/month', 'tenant/unit/day']);
  });

  it('give the budgets of the new tree to a principal that was seen before', () => {
    const tenants = createTenants(createFakeClock());
    const principal = principalOf('team');
    tenants.set([tenantOf('team', { budgets: [{ usd: 1 }] })]);
    expect(tenants.budgets(principal, tenants.chain(principal))[0]?.capNanoUsd).toBe(1e9);

    tenants.set([tenantOf('team', { budgets: [{ usd: 3 }] })]);

    expect(tenants.budgets(principal, tenants.chain(principal))[0]?.capNanoUsd).toBe(3e9);
  });

  it('remember rates over a change of the tree, and forget them when the minute is over', async () => {
    const clock = createFakeClock();
    const tenants = createTenants(clock);
    const limited = (requestsPerMinute: number) => [tenantOf('team', { limits: { requestsPerMinute } })];
    const limiter = () => tenants.limiters(principalOf('team'), tenants.chain(principalOf('team')))[0];
    tenants.set(limited(5));
    limiter()?.take(0, clock.monotonicMs()).end();

    tenants.set(limited(1));
    tenants.tidy();
    expect(() => limiter()?.check(0, clock.monotonicMs())).toThrow(expect.objectContaining({ code: 'rate_limited' }));

    await clock.advance(60_000);
    const before = limiter();
    tenants.tidy();
    expect(limiter()).not.toBe(before);
  });
});
