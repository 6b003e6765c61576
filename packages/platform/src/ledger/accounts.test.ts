import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from './__fixtures__/open-ledger.ts';
import type { Principal } from './principal.ts';

let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

const keyFor = async (settings: Parameters<TestLedger['ledger']['createKey']>[0]): Promise<Principal> =>
  test.ledger.authenticate((await test.ledger.createKey(settings)).secret);
const admit = async (principal: Principal, request: ReturnType<typeof askFor> & { endUser?: string; tags?: readonly string[] }) =>
  test.ledger.admit(principal, request);

describe('tree of accounts', () => {
  it('holds budgets of every level above a key, whoever made them', async () => {
    test.ledger.setTenants([tenantOf('acme', { level: 'organisation', budgets: [{ usd: 100 }] })]);
    await test.ledger.putAccount({ level: 'team', name: 'Team 7', spec: { parent: 'acme', budgets: [{ usd: 10 }] } });
    await test.ledger.putAccount({ level: 'user', name: 'ada@acme.com', spec: { budgets: [{ usd: 5 }] } });
    const principal = await keyFor({ tenant: 'Team 7', name: 'k', user: 'ada@acme.com' });

    await expect(admit(principal, askFor(6))).rejects.toMatchObject({ code: 'quota_exceeded', details: { budget: 'tenant/ada@acme.com/month' } });
    test.ledger.settle(await admit(principal, askFor(5)), factsOf(5));
    await test.ledger.flush();

    const spend = await test.ledger.accountSpend({ ids: ['acme', 'Team 7', 'ada@acme.com', `key/${principal.keyId}`] });
    expect(spend.map((row) => [row.id, row.costNanoUsd])).toEqual([
      ['Team 7', 5e9],
      ['acme', 5e9],
      ['ada@acme.com', 5e9],
      [`key/${principal.keyId}`, 5e9],
    ]);
  });

  it('holds for end users by their own account, else by what the tenant gives to each', async () => {
    test.ledger.setTenants([tenantOf('shop', { endUsers: { budgets: [{ usd: 2, window: 'month', mode: 'hard', warnAtPercent: 80 }] } })]);
    await test.ledger.putAccount({ level: 'end-user', name: 'vip', spec: { budgets: [{ usd: 50 }] } });
    const principal = await keyFor({ tenant: 'shop', name: 'k' });

    await expect(admit(principal, { ...askFor(3), endUser: 'bob' })).rejects.toMatchObject({
      code: 'quota_exceeded',
      details: { budget: 'end-user/bob@shop/month' },
    });
    await expect(admit(principal, { ...askFor(3), endUser: 'vip' })).resolves.toMatchObject({ endUser: 'vip' });
    await expect(admit(principal, askFor(3))).resolves.toBeDefined();
  });

  it('holds for tags of the request and of the key, and sums what they spend', async () => {
    await test.ledger.putAccount({ level: 'tag', name: 'batch', spec: { budgets: [{ usd: 1 }] } });
    const plain = await keyFor({ tenant: 'default', name: 'k' });
    const tagged = await keyFor({ tenant: 'default', name: 't', tags: ['batch'] });

    await expect(admit(plain, { ...askFor(2), tags: ['batch'] })).rejects.toMatchObject({ code: 'quota_exceeded' });
    await expect(admit(tagged, askFor(2))).rejects.toMatchObject({ code: 'quota_exceeded' });
    test.ledger.settle(await admit(tagged, { ...askFor(1), tags: ['night'] }), factsOf(1));
    await test.ledger.flush();

    expect((await test.ledger.accountSpend({ prefix: 'tag/' })).map((row) => [row.id, row.costNanoUsd])).toEqual([
      ['tag/batch', 1e9],
      ['tag/night', 1e9],
    ]);
    expect((await test.ledger.charges()).charges[0]?.payer.tags).toEqual(['batch', 'night']);
  });

  it('refuses what is blocked or has expired anywhere above the key, and takes it back at once', async () => {
    await test.ledger.putAccount({ level: 'organisation', name: 'org', spec: { blocked: true } });
    await test.ledger.putAccount({ level: 'team', name: 'team', spec: { parent: 'org' } });
    const principal = await keyFor({ tenant: 'team', name: 'k' });

    await expect(admit(principal, askFor(0))).rejects.toMatchObject({ code: 'key_blocked', status: 403 });
    await test.ledger.putAccount({ level: 'organisation', name: 'org', spec: { expires: '2026-11-21T10:00:00Z' } });
    await expect(admit(principal, askFor(0))).rejects.toMatchObject({ code: 'key_revoked' });
    await test.ledger.putAccount({ level: 'organisation', name: 'org', spec: {} });
    await expect(admit(principal, askFor(0))).resolves.toBeDefined();
  });

  it('allows models by pattern and by groups of the tree', async () => {
    test.ledger.setTenants([tenantOf('lab', { models: ['gpt-*', 'cheap'], modelGroups: { cheap: ['haiku'] } })]);
    test.ledger.setModelGroups(new Map([['beta', ['gpt-6']]]));
    const principal = await keyFor({ tenant: 'lab', name: 'k', models: ['beta', 'haiku', 'o3'] });

    await expect(admit(principal, askFor(0, 'gpt-6'))).resolves.toBeDefined();
    await expect(admit(principal, askFor(0, 'haiku'))).resolves.toBeDefined();
    await expect(admit(principal, askFor(0, 'o3'))).rejects.toMatchObject({ code: 'model_not_allowed' });
    await expect(admit(principal, askFor(0, 'gpt-5'))).rejects.toMatchObject({ code: 'model_not_allowed' });
    expect(['gpt-6', 'gpt-5'].map((name) => test.ledger.allowsModel(principal, name))).toEqual([true, false]);
  });

  it('counts limits and budgets for one model besides the others', async () => {
    const limits = { requestsPerMinute: 3, perModel: { 'gpt-*': { requestsPerMinute: 1 } } };
    const principal = await keyFor({ tenant: 'default', name: 'k', limits, budgets: [{ usd: 1, models: ['haiku'] }] });

    await admit(principal, askFor(0, 'gpt-5'));
    await expect(admit(principal, askFor(0, 'gpt-6'))).rejects.toMatchObject({ code: 'rate_limited', details: { limitAmount: 1 } });
    await expect(admit(principal, askFor(2, 'haiku'))).rejects.toMatchObject({ code: 'quota_exceeded' });
    await expect(admit(principal, askFor(2, 'o3'))).resolves.toBeDefined();
  });

  it('has one tree: names, parents and circles are checked, resources are changed by their YAML', async () => {
    test.ledger.setTenants([tenantOf('acme')]);
    await test.ledger.putAccount({ level: 'team', name: 'a', spec: { parent: 'acme' } });
    await test.ledger.putAccount({ level: 'team', name: 'b', spec: { parent: 'a' } });

    await expect(test.ledger.putAccount({ level: 'team', name: 'acme' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.ledger.putAccount({ level: 'user', name: 'a' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.ledger.putAccount({ level: 'team', name: 'a', spec: { parent: 'b' } })).rejects.toMatchObject({ code: 'reference_cycle' });
    await expect(test.ledger.putAccount({ level: 'team', name: 'c', spec: { parent: 'nobody' } })).rejects.toMatchObject({ code: 'reference_missing' });
    await expect(test.ledger.removeAccount('team', 'a')).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.ledger.removeAccount('team', 'zz')).rejects.toMatchObject({ code: 'not_found' });
    await test.ledger.removeAccount('team', 'b');
    expect((await test.ledger.listAccounts()).map((account) => [account.id, account.source])).toEqual([
      ['acme', 'resource'],
      ['a', 'api'],
    ]);
  });

  it.each([
    [{ level: 'team', name: '' }, 'name'],
    [{ level: 'team', name: 'a\nb' }, 'name'],
    [{ level: 'team', name: 'a', spec: { budgets: [{ usd: 1, window: 'fortnight' }] } }, 'spec.budgets.0.window'],
    [{ level: 'team', name: 'a', spec: { limits: { requestsPerMinute: 0 } } }, 'spec.limits.requestsPerMinute'],
    [{ level: 'clan', name: 'a' }, 'level'],
  ])('refuses %j and names the field', async (request, field) => {
    await expect(test.ledger.putAccount(request as never)).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining(field) });
  });

  it('sees a change of another process within seconds', async () => {
    await test.ledger.putAccount({ level: 'team', name: 'team', spec: {} });
    const principal = await keyFor({ tenant: 'team', name: 'k' });
    await admit(principal, askFor(0));
    const other = await test.restart({ holder: 'other' });
    await other.putAccount({ level: 'team', name: 'team', spec: { blocked: true } });

    await test.clock.advance(6000);

    await expect(admit(principal, askFor(0))).rejects.toMatchObject({ code: 'key_blocked' });
  });
});
