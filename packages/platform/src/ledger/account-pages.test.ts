import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from './__fixtures__/open-ledger.ts';
import type { AccountFilters } from './account-store.ts';

let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

const allIds = async (limit: number, filters: AccountFilters = {}): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let cursor: string | undefined, turn = 0; turn < 50; turn += 1) {
    const page = await test.ledger.pageAccounts({ filters, cursor, limit });
    ids.push(...page.accounts.map((account) => account.id));
    expect(page.accounts.length).toBeLessThanOrEqual(limit);
    cursor = page.nextCursor;
    if (cursor === undefined) return ids;
  }
  throw new Error('the pages do not end');
};

describe('pages of accounts', () => {
  beforeEach(async () => {
    test.ledger.setTenants([tenantOf('acme', { level: 'organisation' }), tenantOf('search', { parent: 'acme' }), tenantOf('vision')]);
    for (const name of ['ada', 'bob', 'eve']) await test.ledger.putAccount({ level: 'user', name, spec: { parent: 'acme' } });
    await test.ledger.putAccount({ level: 'tag', name: 'night', spec: {} });
  });

  it.each([1, 2, 3, 4, 7, 50])('give every account once, resources first, %i at a time', async (limit) => {
    expect(await allIds(limit)).toEqual(['acme', 'search', 'vision', 'ada', 'bob', 'eve', 'tag/night']);
  });

  it('leave out an account that stands behind a resource of the same name', async () => {
    test.ledger.setTenants([tenantOf('acme', { level: 'organisation' }), tenantOf('bob')]);

    for (const limit of [1, 2, 3, 50]) expect(await allIds(limit)).toEqual(['acme', 'bob', 'ada', 'eve', 'tag/night']);
  });

  it('can be cut down by level, parent and a part of the name', async () => {
    expect(await allIds(2, { level: 'user' })).toEqual(['ada', 'bob', 'eve']);
    expect(await allIds(2, { parent: 'acme' })).toEqual(['search', 'ada', 'bob', 'eve']);
    expect(await allIds(2, { text: 'S' })).toEqual(['search', 'vision']);
    expect(await allIds(2, { text: '%' })).toEqual([]);
    expect((await test.ledger.listAccounts({ text: 'E' })).map((account) => account.id)).toEqual(['acme', 'search', 'eve']);
  });

  it('refuse a cursor of somebody else', async () => {
    await expect(test.ledger.pageAccounts({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('know the way from the root down to an account', async () => {
    await test.ledger.putAccount({ level: 'project', name: 'p', spec: { parent: 'search' } });
    const project = await test.ledger.getAccount('project', 'p');

    const path = project === undefined ? [] : await test.ledger.accountPath(project);

    expect(path.map((account) => account.id)).toEqual(['acme', 'search']);
  });
});

describe('states of accounts', () => {
  it('say what is spent, held and left, for accounts that this process has never used too', async () => {
    await test.ledger.putAccount({
      level: 'team',
      name: 'team',
      spec: {
        budgets: [{ usd: 10 }, { usd: 4, window: '7d', models: ['m*'] }],
        limits: { requestsPerMinute: 5, perModel: { auto: { concurrentRequests: 2 } } },
      },
    });
    const { secret } = await test.ledger.createKey({ tenant: 'team', name: 'k' });
    const first = await test.ledger.admit(await test.ledger.authenticate(secret), askFor(3));
    const second = await test.ledger.admit(await test.ledger.authenticate(secret), askFor(1));
    test.ledger.settle(first, factsOf(2));
    await test.ledger.flush();

    const other = await test.restart({ holder: 'other' });
    const [state] = await other.accountStates(await other.listAccounts({ level: 'team' }));

    expect(state?.budgets.map(({ id, spentNanoUsd, limitNanoUsd }) => [id, spentNanoUsd, limitNanoUsd])).toEqual([
      ['tenant/team/month', 2e9, 10e9],
      ['tenant/team/7d/models=m*', 0, 4e9],
    ]);
    expect(state?.budgets[0]?.leasedNanoUsd).toBeGreaterThanOrEqual(1e9);
    expect(state?.limits).toMatchObject([
      { unit: 'requests', model: undefined, limit: 5, held: expect.any(Number) },
      { unit: 'concurrent', model: 'auto', limit: 2, used: 0 },
    ]);
    expect((state?.limits[0]?.held ?? 0) + (state?.limits[0]?.used ?? 0)).toBeGreaterThanOrEqual(2);
    test.ledger.release(second);
  });

  it('are empty without budgets and limits', async () => {
    await test.ledger.putAccount({ level: 'team', name: 'free', spec: {} });

    expect(await test.ledger.accountStates(await test.ledger.listAccounts())).toMatchObject([{ budgets: [], limits: [] }]);
    expect(await test.ledger.accountStates([])).toEqual([]);
  });
});
