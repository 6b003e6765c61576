import { type Charge, completionTokens, promptTokens, type Usage, ZERO_USAGE } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import type { ChargeRecord } from './charge-record.ts';
import { listCharges } from './list-charges.ts';
import { settleBatch } from './settle-batch.ts';
import { sumAccountSpend } from './sum-account-spend.ts';
import { sumDiscounts } from './sum-discounts.ts';
import { SPEND_GROUPS, type SpendGroup, type SpendQuery, sumSpend } from './sum-spend.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-10-24T20:00:00Z');
const BUCKETS = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'] as const;

const usage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: fc.nat(1_000_000),
  cacheReadTokens: fc.nat(1000),
  cacheWriteTokens: fc.nat(1000),
  outputTokens: fc.nat(10_000),
  reasoningTokens: fc.nat(10_000),
});
const charges: fc.Arbitrary<readonly Charge[]> = fc
  .array(
    fc.record({
      atMs: fc.integer({ min: START_MS, max: START_MS + 3 * DAY_MS }),
      tenant: fc.constantFrom('red', 'blue', "o'hara", '한국어'),
      keyId: fc.constantFrom('key_1', 'key_2'),
      agent: fc.option(fc.constantFrom('helper', 'writer'), { nil: undefined }),
      requestedModel: fc.constantFrom('auto', 'fast'),
      model: fc.constantFrom('m', 'n', '%'),
      provider: fc.constantFrom('p', 'q'),
      simulated: fc.boolean(),
      usage,
      costNanoUsd: fc.option(fc.nat(1_000_000_000_000), { nil: null }),
      discount: fc.option(fc.record({ for: fc.constantFrom('batch' as const, 'cache' as const), nanoUsd: fc.nat(1_000_000) }), { nil: undefined }),
      outcome: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) =>
    all.map(({ tenant, keyId, agent, discount, costNanoUsd, ...rest }, index) => ({
      ...rest,
      id: `chg_${index}`,
      requestId: `req_${index >> 1}`,
      traceId: 'a'.repeat(32),
      payer: { tenant, keyId, ...(agent === undefined ? {} : { agent }) },
      endpoint: 'e',
      costNanoUsd,
      ...(discount === undefined || costNanoUsd === null ? {} : { discount }),
      priceSource: costNanoUsd === null ? null : 'list',
    })),
  );
const time = fc.option(fc.integer({ min: START_MS - DAY_MS, max: START_MS + 4 * DAY_MS }), { nil: undefined });
const query: fc.Arbitrary<SpendQuery> = fc.record(
  {
    by: fc.constantFrom(...SPEND_GROUPS),
    fromMs: time,
    toMs: time,
    tenant: fc.constantFrom('red', "o'hara", 'nobody'),
    keyId: fc.constantFrom('key_1', 'key_3'),
    agent: fc.constantFrom('helper', ''),
    model: fc.constantFrom('m', '%', '_'),
  },
  { requiredKeys: ['by'] },
);

const recordOf = (charge: Charge): ChargeRecord => ({ charge, budgets: [], accounts: [`key/${charge.payer.keyId}`, charge.payer.tenant] });

async function filled(all: readonly Charge[]): Promise<Store> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  for (let from = 0; from < all.length; from += 7) await settleBatch(store, all.slice(from, from + 7).map(recordOf), 'h');
  return store;
}

const floorTo = (ms: number, step: number): number => Math.floor(ms / step) * step;
const ceilTo = (ms: number, step: number): number => Math.ceil(ms / step) * step;

function groupOf(by: SpendGroup, charge: Charge): string {
  switch (by) {
    case 'tenant':
      return charge.payer.tenant;
    case 'key':
      return charge.payer.keyId;
    case 'agent':
      return charge.payer.agent ?? '';
    case 'hour':
      return new Date(floorTo(charge.atMs, HOUR_MS)).toISOString();
    case 'day':
      return new Date(floorTo(charge.atMs, DAY_MS)).toISOString();
    case 'total':
      return '';
    default:
      return charge[by];
  }
}

function isMeant(charge: Charge, { fromMs, toMs, tenant, keyId, agent, model }: SpendQuery): boolean {
  return (
    (fromMs === undefined || charge.atMs >= floorTo(fromMs, HOUR_MS)) &&
    (toMs === undefined || charge.atMs < ceilTo(toMs, HOUR_MS)) &&
    (tenant === undefined || charge.payer.tenant === tenant) &&
    (keyId === undefined || charge.payer.keyId === keyId) &&
    (agent === undefined || (charge.payer.agent ?? '') === agent) &&
    (model === undefined || charge.model === model)
  );
}

const sum = (all: readonly Charge[], value: (charge: Charge) => number): number => all.reduce((total, charge) => total + value(charge), 0);

/** The answer, counted one by one. */
function recount(all: readonly Charge[], asked: SpendQuery) {
  const groups = Map.groupBy(
    all.filter((charge) => isMeant(charge, asked)),
    (charge) => groupOf(asked.by, charge),
  );
  return [...groups].map(([group, charged]) => ({
    group,
    requests: charged.length,
    errors: charged.filter((charge) => charge.outcome === 'error').length,
    unpriced: charged.filter((charge) => charge.costNanoUsd === null).length,
    usage: Object.fromEntries(BUCKETS.map((bucket) => [bucket, sum(charged, (charge) => charge.usage[bucket])])),
    costNanoUsd: sum(charged, (charge) => charge.costNanoUsd ?? 0),
  }));
}

const byGroup = <T extends { readonly group: string }>(rows: readonly T[]): readonly T[] => rows.toSorted((left, right) => (left.group < right.group ? -1 : 1));

describe('sums of spend', () => {
  it('are those of a count one by one, by every group, in every time and with every filter', async () => {
    await fc.assert(
      fc.asyncProperty(charges, fc.array(query, { minLength: 1, maxLength: 12 }), async (all, asked) => {
        const store = await filled(all);
        for (const each of asked) expect(byGroup(await sumSpend(store, each)), JSON.stringify(each)).toEqual(byGroup(recount(all, each)));
        await store.close();
      }),
      { numRuns: 15 },
    );
  });

  it('are the same in total, whatever they are grouped by', async () => {
    await fc.assert(
      fc.asyncProperty(charges, async (all) => {
        const store = await filled(all);
        const totals = await Promise.all(SPEND_GROUPS.map(async (by) => (await sumSpend(store, { by })).reduce((total, row) => total + row.costNanoUsd, 0)));
        expect(new Set(totals)).toEqual(new Set([sum(all, (charge) => charge.costNanoUsd ?? 0)]));
        await store.close();
      }),
      { numRuns: 15 },
    );
  });

  it('of accounts are those of a count one by one, per day, model and provider', async () => {
    await fc.assert(
      fc.asyncProperty(charges, time, time, async (all, fromMs, toMs) => {
        const store = await filled(all);
        const rows = await sumAccountSpend(store, { prefix: 'key/', fromMs, toMs, by: ['day', 'model', 'provider'] });
        const meant = all.filter(
          (charge) => (fromMs === undefined || charge.atMs >= floorTo(fromMs, DAY_MS)) && (toMs === undefined || charge.atMs < ceilTo(toMs, DAY_MS)),
        );
        const groups = Map.groupBy(meant, ({ payer, atMs, model, provider }) => `key/${payer.keyId} ${floorTo(atMs, DAY_MS)} ${model} ${provider}`);

        expect(
          new Map(
            rows.map((row) => [`${row.id} ${row.dayMs} ${row.model} ${row.provider}`, [row.requests, row.promptTokens, row.completionTokens, row.costNanoUsd]]),
          ),
        ).toEqual(
          new Map(
            [...groups].map(([group, charged]) => [
              group,
              [
                charged.length,
                sum(charged, (charge) => promptTokens({ ...ZERO_USAGE, ...charge.usage })),
                sum(charged, (charge) => completionTokens({ ...ZERO_USAGE, ...charge.usage })),
                sum(charged, (charge) => charge.costNanoUsd ?? 0),
              ],
            ]),
          ),
        );
        await store.close();
      }),
      { numRuns: 8 },
    );
  });

  it('of discounts are those of a count one by one', async () => {
    await fc.assert(
      fc.asyncProperty(charges, time, time, async (all, fromMs, toMs) => {
        const store = await filled(all);
        const meant = all.filter((charge) => charge.discount !== undefined && charge.atMs >= (fromMs ?? 0) && charge.atMs < (toMs ?? Number.POSITIVE_INFINITY));
        const rows = await sumDiscounts(store, { fromMs, toMs });
        const groups = Map.groupBy(meant, (charge) => `${charge.discount?.for} ${charge.model}`);

        expect(new Map(rows.map((row) => [`${row.for} ${row.model}`, [row.requests, row.costNanoUsd, row.savedNanoUsd]]))).toEqual(
          new Map(
            [...groups].map(([group, charged]) => [
              group,
              [charged.length, sum(charged, (each) => each.costNanoUsd ?? 0), sum(charged, (each) => each.discount?.nanoUsd ?? 0)],
            ]),
          ),
        );
        expect(rows.map((row) => row.savedNanoUsd)).toEqual(rows.map((row) => row.savedNanoUsd).toSorted((left, right) => right - left));
        await store.close();
      }),
      { numRuns: 8 },
    );
  });
});

describe('pages of charges', () => {
  it('hold every charge once, newest first, whatever their size and filters', async () => {
    const filters = fc.record(
      { tenant: fc.constantFrom('red', "o'hara"), keyId: fc.constant('key_1'), model: fc.constantFrom('m', '%') },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(charges, filters, fc.integer({ min: 1, max: 9 }), async (all, filter, limit) => {
        const store = await filled(all);
        const found: Charge[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await listCharges(store, { filters: filter, limit, cursor });
          expect(page.charges.length).toBeLessThanOrEqual(limit);
          found.push(...page.charges);
          cursor = page.nextCursor;
          if (cursor === undefined) break;
        }
        const expected = all.filter(
          (charge) =>
            (filter.tenant === undefined || charge.payer.tenant === filter.tenant) &&
            (filter.keyId === undefined || charge.payer.keyId === filter.keyId) &&
            (filter.model === undefined || charge.model === filter.model),
        );

        expect(found.map((charge) => charge.id).toSorted()).toEqual(expected.map((charge) => charge.id).toSorted());
        expect(found.map((charge) => charge.atMs)).toEqual(found.map((charge) => charge.atMs).toSorted((left, right) => right - left));
        for (const charge of found) expect(charge).toEqual(all.find((each) => each.id === charge.id));
        await store.close();
      }),
      { numRuns: 8 },
    );
  });
});
