import type { TenantSpec } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from './__fixtures__/open-ledger.ts';
import { memberAccountId } from './members.ts';
import type { Principal } from './principal.ts';

type Members = NonNullable<TenantSpec['members']>;
let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

const budget = (usd: number, window = 'month') => ({ usd, window, mode: 'hard' as const, warnAtPercent: 80 });
const crewWith = (members: Members, budgets: readonly { usd: number }[] = []): void => test.ledger.setTenants([tenantOf('crew', { members, budgets })]);
const keyOf = async (user: string | undefined, tenant = 'crew'): Promise<Principal> =>
  test.ledger.authenticate((await test.ledger.createKey({ tenant, name: user ?? 'robot', ...(user === undefined ? {} : { user }) })).secret);
const admit = async (principal: Principal, request: ReturnType<typeof askFor>) => test.ledger.admit(principal, request);
const pay = async (principal: Principal, dollars: number): Promise<void> => {
  test.ledger.settle(await test.ledger.admit(principal, askFor(dollars)), factsOf(dollars));
};

describe('members of an account', () => {
  it('have each the budget that the account gives to all, whatever keys they use', async () => {
    crewWith({ budgets: [budget(5)] });
    const [kim, kimToo, lee, robot] = [await keyOf('kim'), await keyOf('kim'), await keyOf('lee'), await keyOf(undefined)];
    await pay(kim, 3);

    await expect(admit(kimToo, askFor(3))).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('the budget of member "kim of crew" per month has $3.00 spent'),
      details: { budget: 'member/kim@crew/month', spentNanoUsd: 3e9, limitNanoUsd: 5e9, estimateNanoUsd: 3e9, resetMs: Date.parse('2026-12-01T00:00:00Z') },
    });
    await pay(kimToo, 2);
    await pay(lee, 5);
    await pay(robot, 50);
  });

  it('have the budget that is said of one in its place, larger or smaller', async () => {
    crewWith({ budgets: [budget(5)], named: { kim: { budgets: [budget(20)] }, lee: { budgets: [budget(1)] } } });

    await pay(await keyOf('kim'), 20);
    await expect(admit(await keyOf('lee'), askFor(2))).rejects.toMatchObject({ details: { budget: 'member/lee@crew/month' } });
    await expect(admit(await keyOf('park'), askFor(6))).rejects.toMatchObject({ details: { budget: 'member/park@crew/month' } });
  });

  it('take from the account besides, and from what the user has everywhere', async () => {
    crewWith({ budgets: [budget(5)] }, [{ usd: 7 }]);
    await test.ledger.putAccount({ level: 'user', name: 'lee', spec: { budgets: [{ usd: 4 }] } });
    await pay(await keyOf('kim'), 4);

    await expect(admit(await keyOf('lee'), askFor(4))).rejects.toMatchObject({ details: { budget: 'tenant/crew/month' } });
    await pay(await keyOf('lee'), 3);
    await expect(admit(await keyOf('lee'), askFor(2))).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  it('count apart in every account above their keys', async () => {
    test.ledger.setTenants([
      tenantOf('acme', { level: 'organisation', members: { budgets: [budget(6)] } }),
      tenantOf('red', { parent: 'acme', members: { budgets: [budget(5)] } }),
      tenantOf('blue', { parent: 'acme', members: { budgets: [budget(5)] } }),
    ]);
    await pay(await keyOf('kim', 'red'), 4);

    await expect(admit(await keyOf('kim', 'blue'), askFor(3))).rejects.toMatchObject({ details: { budget: 'member/kim@acme/month' } });
    await pay(await keyOf('kim', 'blue'), 2);
    await expect(admit(await keyOf('lee', 'red'), askFor(6))).rejects.toMatchObject({ details: { budget: 'member/lee@red/month' } });
  });

  it('have limits and models of their own too', async () => {
    crewWith({ budgets: [], limits: { requestsPerMinute: 1 }, named: { lee: { budgets: [], models: ['small'] } } });
    const [kim, lee] = [await keyOf('kim'), await keyOf('lee')];
    await pay(kim, 1);

    await expect(admit(kim, askFor(1))).rejects.toMatchObject({
      code: 'rate_limited',
      details: { limit: 'rate/member/kim@crew/requests' },
      message: expect.stringContaining('member "kim of crew"'),
    });
    await expect(admit(lee, askFor(1))).rejects.toMatchObject({ code: 'model_not_allowed' });
    await test.ledger.admit(lee, askFor(1, 'small'));
    await test.ledger.admit(lee, askFor(1, 'small'));
  });

  it('have sums and states of their own', async () => {
    crewWith({ budgets: [budget(5)], named: { 'kim@example.kr': { budgets: [budget(10)] } } });
    await pay(await keyOf('kim@example.kr'), 9);
    await test.ledger.flush();

    const spend = await test.ledger.accountSpend({ ids: [memberAccountId('crew', 'kim@example.kr')] });
    expect(spend.map((row) => row.costNanoUsd)).toEqual([9e9]);
    expect((await test.ledger.budgetStates()).find(({ scope }) => scope === 'member')).toMatchObject({
      owner: 'kim@example.kr of crew',
      spentNanoUsd: 9e9,
      limitNanoUsd: 10e9,
      state: 'warning',
    });
  });

  it('are never taken for one another, whatever they are called', () => {
    const ids = [
      ['a', 'b@c'],
      ['c@a', 'b'],
      ['c', 'b@a'],
      ['a', 'b%40c'],
      ['a', 'b/c'],
      ['a', 'half \ud800'],
    ].map(([account = '', user = '']) => memberAccountId(account, user));

    expect(new Set(ids).size).toBe(ids.length);
    expect(memberAccountId('crew', 'kim')).toBe('member/kim@crew');
  });

  it('with names of what every object has are members like all others', async () => {
    crewWith({ budgets: [budget(1)], named: { lee: { budgets: [budget(9)] } } });

    for (const name of ['constructor', '__proto__', 'toString'])
      await expect(admit(await keyOf(name), askFor(2))).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});
