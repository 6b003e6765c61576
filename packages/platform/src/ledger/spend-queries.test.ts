import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf, usageOf } from './__fixtures__/open-ledger.ts';
import type { ChargeQuery } from './list-charges.ts';

let test: TestLedger;
/** Five charges: 10:30, 10:30, 11:30, 11:30 and 00:30 of the next day. */
beforeAll(async () => {
  test = await openTestLedger({ startMs: Date.parse('2026-11-21T10:30:00Z') });
  const { ledger, clock } = test;
  ledger.setTenants([tenantOf('research', { budgets: [{ usd: 100, window: 'day' }] }), tenantOf('default')]);
  const { secret } = await ledger.createKey({ tenant: 'research', name: 'notebook', budgets: [{ usd: 40, window: 'total' }] });
  const research = await ledger.authenticate(secret);
  const admin = await ledger.authenticate('sk-master-for-tests');
  const run = async (principal: typeof admin, dollars: number, changes = {}): Promise<void> => {
    ledger.settle(await ledger.admit(principal, askFor(dollars)), factsOf(dollars, changes));
  };
  await run(research, 5, { model: 'a', agent: 'guide', requestId: 'r1', traceId: 't1' });
  await run(admin, 1, { model: 'b', outcome: 'error', requestId: 'r2' });
  await clock.advance(3_600_000);
  await run(research, 7, { model: 'a', session: 's', user: 'u', usage: usageOf({ inputTokens: 3, outputTokens: 4 }), requestId: 'r3' });
  await run(research, 2, { model: 'c', price: undefined, requestId: 'r4' });
  await clock.advance(13 * 3_600_000);
  await run(research, 11, { model: 'b', requestId: 'r5' });
  await ledger.flush();
});
afterAll(() => test.remove());

const at = (iso: string): number => Date.parse(iso);

describe('spend', () => {
  const costs = async (...query: Parameters<TestLedger['ledger']['spend']>): Promise<[string, number][]> =>
    (await test.ledger.spend(...query)).map((row) => [row.group, row.costNanoUsd / 1e9]);

  it('sums by tenant, model, agent and provider, the dearest first', async () => {
    expect(await costs({ by: 'tenant' })).toEqual([
      ['research', 23],
      ['default', 1],
    ]);
    expect(await costs({ by: 'model' })).toEqual([
      ['a', 12],
      ['b', 12],
      ['c', 0],
    ]);
    expect(await costs({ by: 'agent' })).toEqual([
      ['', 19],
      ['guide', 5],
    ]);
    expect(await costs({ by: 'requestedModel' })).toEqual([['auto', 24]]);
    expect(await costs({ by: 'provider' })).toEqual([['vllm', 24]]);
  });

  it('sums by hour and day in their order', async () => {
    expect(await costs({ by: 'hour' })).toEqual([
      ['2026-11-21T10:00:00.000Z', 6],
      ['2026-11-21T11:00:00.000Z', 7],
      ['2026-11-22T00:00:00.000Z', 11],
    ]);
    expect(await costs({ by: 'day' })).toEqual([
      ['2026-11-21T00:00:00.000Z', 13],
      ['2026-11-22T00:00:00.000Z', 11],
    ]);
  });

  it('keeps tokens in their buckets, and counts errors and charges without a price', async () => {
    expect(await test.ledger.spend({ by: 'total' })).toEqual([
      { group: '', requests: 5, errors: 1, unpriced: 1, usage: usageOf({ inputTokens: 5 + 1 + 3 + 2 + 11, outputTokens: 4 }), costNanoUsd: 24e9 },
    ]);
  });

  it('takes a time, widened to hours, and filters', async () => {
    expect(await costs({ by: 'total', fromMs: at('2026-11-21T11:59:00Z') })).toEqual([['', 18]]);
    expect(await costs({ by: 'total', toMs: at('2026-11-21T11:00:00Z') })).toEqual([['', 6]]);
    expect(await costs({ by: 'total', toMs: at('2026-11-21T11:00:01Z') })).toEqual([['', 13]]);
    expect(await costs({ by: 'model', tenant: 'research', fromMs: at('2026-11-22T00:00:00Z') })).toEqual([['b', 11]]);
    expect(await costs({ by: 'day', keyId: 'master' })).toEqual([['2026-11-21T00:00:00.000Z', 1]]);
    expect(await costs({ by: 'total', agent: 'guide', model: 'b' })).toEqual([]);
  });
});

describe('charges', () => {
  const ids = async (query: ChargeQuery): Promise<string[]> => (await test.ledger.charges(query)).charges.map((charge) => charge.requestId);

  it('come newest first, page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.ledger.charges({ limit: 2, cursor });
      expect(page.charges.length).toBeLessThanOrEqual(2);
      seen.push(...page.charges.map((charge) => charge.requestId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    expect(seen).toHaveLength(5);
    expect(seen[0]).toBe('r5');
    expect([...seen].sort()).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('are filtered by everything that they carry', async () => {
    expect(await ids({ filters: { agent: 'guide' } })).toEqual(['r1']);
    expect(await ids({ filters: { traceId: 't1' } })).toEqual(['r1']);
    expect(await ids({ filters: { outcome: 'error' } })).toEqual(['r2']);
    expect(await ids({ filters: { session: 's', user: 'u' } })).toEqual(['r3']);
    expect(await ids({ filters: { tenant: 'research', model: 'b' } })).toEqual(['r5']);
    expect((await ids({ filters: { fromMs: at('2026-11-21T11:30:00Z'), toMs: at('2026-11-22T00:30:00Z') } })).sort()).toEqual(['r3', 'r4']);
    expect(await ids({ filters: { keyId: 'nobody' } })).toEqual([]);
  });

  it('refuse a cursor that they have not given', async () => {
    await expect(test.ledger.charges({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('budget states', () => {
  it('show what is spent in the window of now, of tenants and keys', async () => {
    const states = await test.ledger.budgetStates();

    expect(states.map((state) => [state.scope, state.window, state.limitNanoUsd / 1e9, state.spentNanoUsd / 1e9, state.state])).toEqual([
      ['tenant', 'day', 100, 11, 'ok'],
      ['key', 'total', 40, 23, 'ok'],
    ]);
    expect(states[0]).toMatchObject({ startMs: at('2026-11-22T00:00:00Z'), resetMs: at('2026-11-23T00:00:00Z') });
    expect(states[1]?.resetMs).toBeNull();
  });
});
