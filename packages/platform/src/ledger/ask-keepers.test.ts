import { PlatformError } from '@maru/api/errors';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '#time';
import { createMemoryQuotaStore, type WorldStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { askKeepers } from './ask-keepers.ts';
import { createQuotaKeepers, keeperOf, type QuotaKeepers } from './quota-keepers.ts';
import type { QuotaAsk, QuotaStore } from './quota-store.ts';

const MONEY = 'tenant/acme/total';
const RATE = 'rate/key/k/requests';
const MINUTE = { stepMs: 1000, steps: 60 };

let clock: FakeClock;
let money: WorldStore;
let rates: WorldStore;
let heard: string[];
let away: string | undefined;
let keepers: QuotaKeepers;
beforeEach(() => {
  clock = createFakeClock(1_800_000_000_000);
  money = createMemoryQuotaStore(clock.nowMs);
  rates = createMemoryQuotaStore(() => clock.nowMs() + 500_000);
  heard = [];
  away = undefined;
  const watched = (name: string, store: WorldStore): QuotaStore => ({
    ...store,
    exchange: (asks) => {
      heard.push(`${name} ${asks.map((ask) => ask.needed).join()}`);
      return away === name ? Promise.reject(new PlatformError('storage_failed', { message: 'away' })) : store.exchange(asks);
    },
  });
  keepers = createQuotaKeepers({ money: watched('money', money), rates: watched('rates', rates) }, clock);
});

const ask = (changes: Partial<QuotaAsk>): QuotaAsk => ({
  id: MONEY,
  startMs: 0,
  rolling: undefined,
  holder: 'a#1',
  cap: 10,
  used: [],
  report: [],
  reportNumber: 0,
  needed: 1,
  ttlMs: 60_000,
  saw: 0,
  waitsFor: undefined,
  ...changes,
});
const both = (rate: Partial<QuotaAsk>, budget: Partial<QuotaAsk>, of: QuotaKeepers = keepers) =>
  askKeepers(
    [
      { keeper: keeperOf(of, 'requests'), ask: ask({ id: RATE, rolling: MINUTE, ...rate }) },
      { keeper: keeperOf(of, 'nano-usd'), ask: ask(budget) },
    ],
    clock,
  );
const heldOf = async (store: WorldStore, id: string): Promise<number> =>
  (await store.read([id])).uses.get(id)?.held.reduce((sum, [, held]) => sum + held, 0) ?? 0;

describe('several stores of quotas', () => {
  it('are one where all is kept in one: it is asked once', async () => {
    const one = createQuotaKeepers({ money: keepers.money.store }, clock);

    const answers = await both({}, {}, one);

    expect(one.rates).toBe(one.money);
    expect(heard).toEqual(['money 1,1']);
    expect(answers.map((given) => given?.answer.verdict)).toEqual(['granted', 'granted']);
  });

  it('are asked one after the other, and each tells its own time', async () => {
    const answers = await both({}, {});

    expect(heard).toEqual(['rates 1', 'money 1']);
    expect(answers.map((given) => given?.answer.promised)).toEqual([1, 1]);
    expect(keepers.rates.time.nowMs() - keepers.money.time.nowMs()).toBe(500_000);
  });

  it('that refuse first let nobody ask the next one', async () => {
    const answers = await both({ needed: 11 }, {});

    expect(heard).toEqual(['rates 11']);
    expect(answers[0]?.answer.verdict).toBe('refused');
    expect(answers[1]).toBeUndefined();
    expect(await heldOf(money, MONEY)).toBe(0);
  });

  it('get back what was granted when a later one refuses: others may have it at once', async () => {
    const answers = await both({ needed: 10 }, { needed: 11 });

    expect(heard).toEqual(['rates 10', 'money 11', 'rates 0']);
    expect(answers.map((given) => [given?.answer.verdict, given?.answer.promised])).toEqual([
      ['granted', 0],
      ['refused', 0],
    ]);
    const other = await rates.exchange([ask({ id: RATE, rolling: MINUTE, holder: 'b#1', needed: 5 })]);
    expect(other.answers[0]?.othersGranted).toBeLessThan(10);
    expect(other.answers[0]?.verdict).not.toBe('refused');
  });

  it('add a report once, though it was sent again to give something back', async () => {
    const nowMs = clock.nowMs() + 500_000;
    await both({ report: [[nowMs, 4]], reportNumber: 1 }, { needed: 11 });

    expect((await rates.read([RATE])).uses.get(RATE)?.spent).toEqual([[nowMs, 4]]);
  });

  it('that are away fail the whole exchange; what one has granted before is asked for anew', async () => {
    away = 'money';
    await expect(both({}, {})).rejects.toMatchObject({ code: 'storage_failed' });
    away = undefined;

    const answers = await both({}, {});

    expect(answers.map((given) => given?.answer.verdict)).toEqual(['granted', 'granted']);
    expect(await heldOf(rates, RATE)).toBeLessThanOrEqual(10);
  });
});
