import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QuotaStore } from '../../packages/platform/src/ledger/index.ts';

type QuotaAsk = Parameters<QuotaStore['exchange']>[0][number];
type QuotaAnswer = Awaited<ReturnType<QuotaStore['exchange']>>['answers'][number];
type Bucket = QuotaAnswer['spent'][number];

interface OpenedQuotaStore {
  readonly store: QuotaStore;
  /** The clock by which the store decides. */
  nowMs(): number;
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

const MINUTE = { stepMs: 1000, steps: 60 };
const MONEY = 'tenant/acme/month';
const RATE = 'rate/key/k1/requests';
const PLACES = 'rate/key/k1/concurrent';

const askOf = (changes: Partial<QuotaAsk> = {}): QuotaAsk => ({
  id: MONEY,
  startMs: 0,
  rolling: undefined,
  holder: 'a#1',
  cap: 100,
  used: [],
  report: [],
  reportNumber: 0,
  needed: 0,
  ttlMs: 60_000,
  saw: 0,
  waitsFor: undefined,
  ...changes,
});

export interface QuotaStoreExam {
  open(): Promise<OpenedQuotaStore>;
  /** The store in memory that the simulation uses: the examined one decides as it does. */
  model(nowMs: () => number): QuotaStore;
  /** How many random histories the two are compared in. */
  readonly runs: number;
}

/** What every store of quotas must do. */
export function describeQuotaStore(name: string, { open, model: openModel, runs }: QuotaStoreExam): void {
  describe(`quota store: ${name}`, () => {
    let opened: OpenedQuotaStore;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const ask = async (changes: Partial<QuotaAsk> = {}): Promise<QuotaAnswer> => {
      const [answer] = (await opened.store.exchange([askOf(changes)])).answers;
      if (answer === undefined) throw new Error('the store gave no answer');
      return answer;
    };

    it('grants what is needed and some of what is left, by a clock of its own', async () => {
      const { answers, nowMs } = await opened.store.exchange([askOf({ needed: 20 })]);

      expect(answers[0]).toMatchObject({ verdict: 'granted', promised: 20, othersGranted: 0, spent: [] });
      expect(answers[0]?.granted).toBeGreaterThanOrEqual(20);
      expect(answers[0]?.granted).toBeLessThan(100);
      expect(nowMs).toBe(opened.nowMs());
    });

    it('never grants more than the cap to all together', async () => {
      await ask({ needed: 60 });

      expect(await ask({ holder: 'b#1', needed: 50 })).toMatchObject({ verdict: 'wait', granted: 0, recalls: true });
      const { uses } = await opened.store.read([MONEY]);
      expect(uses.get(MONEY)?.held.reduce((sum, [, held]) => sum + held, 0)).toBeLessThanOrEqual(100);
    });

    it('gives all that is asked for in one exchange, or nothing of it', async () => {
      await ask({ id: RATE, rolling: MINUTE, cap: 5, needed: 5 });

      const { answers } = await opened.store.exchange([
        askOf({ holder: 'b#1', needed: 10, used: [[0, 3]] }),
        askOf({ id: RATE, rolling: MINUTE, cap: 5, holder: 'b#1', needed: 1 }),
      ]);

      expect(answers.map(({ granted, promised }) => [granted, promised])).toEqual([
        [3, 0],
        [0, 0],
      ]);
    });

    it('adds what is reported to what is spent, once, however often it comes', async () => {
      for (let turn = 0; turn < 3; turn += 1) await ask({ id: RATE, rolling: MINUTE, report: [[opened.nowMs(), 4]], reportNumber: 1 });
      const answer = await ask({ id: RATE, rolling: MINUTE, report: [[opened.nowMs(), 2]], reportNumber: 2 });

      expect(answer.spent.reduce((sum, [, amount]) => sum + amount, 0)).toBe(6);
    });

    it('calls back what others do not use, and gives it to who waits', async () => {
      await ask({ needed: 1 });
      const first = await ask({ holder: 'b#1', needed: 99 });
      expect(first).toMatchObject({ verdict: 'wait', recalls: true, recall: 1 });
      expect(await opened.store.recalled('a#1')).toEqual([{ id: MONEY, startMs: 0, holder: 'a#1', recall: 1 }]);

      await ask({ saw: 1 });
      const second = await ask({ holder: 'b#1', needed: 99, waitsFor: 1 });

      expect(second).toMatchObject({ verdict: 'granted' });
      expect(await opened.store.recalled('a#1')).toEqual([]);
    });

    it('refuses at once when the others have said that they use it: a promise ends when its holder says more', async () => {
      await ask({ needed: 10 });
      expect(await ask({ holder: 'b#1', needed: 95 })).toMatchObject({ verdict: 'wait', recall: 1 });
      // The request was admitted with what was promised to it.
      await ask({ used: [[0, 10]], saw: 1 });

      expect(await ask({ holder: 'b#1', needed: 95, waitsFor: 1 })).toMatchObject({ verdict: 'refused', granted: 0, othersPromised: false });
    });

    it('lets wait for a promise that is still open, and asks its holder again', async () => {
      await ask({ needed: 10 });
      await ask({ holder: 'b#1', needed: 95 });
      await ask({ needed: 10, saw: 1 });

      expect(await ask({ holder: 'b#1', needed: 95, waitsFor: 1 })).toMatchObject({ verdict: 'wait', recalls: true, recall: 2, othersPromised: true });
    });

    it('takes a share back when its time to live is over', async () => {
      await ask({ needed: 60, ttlMs: 5000 });
      await opened.passTime(5001);

      expect(await ask({ holder: 'b#1', needed: 100 })).toMatchObject({ verdict: 'granted', granted: 100, othersGranted: 0 });
    });

    it('keeps what was used granted when the cap was lowered below it', async () => {
      await ask({ needed: 50 });

      expect(await ask({ used: [[0, 50]], cap: 10 })).toMatchObject({ verdict: 'refused', granted: 50 });
    });

    it('forgets what has left a window that rolls', async () => {
      await ask({ id: RATE, rolling: MINUTE, cap: 5, report: [[opened.nowMs(), 5]], reportNumber: 1 });
      expect(await ask({ id: RATE, rolling: MINUTE, cap: 5, holder: 'b#1', needed: 1 })).toMatchObject({ verdict: 'refused' });
      await opened.passTime(60_001);

      expect(await ask({ id: RATE, rolling: MINUTE, cap: 5, holder: 'b#1', needed: 5 })).toMatchObject({ verdict: 'granted', spent: [] });
    });

    it('counts calendar windows apart', async () => {
      await ask({ startMs: 0, needed: 100, ttlMs: 600_000 });

      expect(await ask({ startMs: 3_600_000, holder: 'b#1', needed: 100 })).toMatchObject({ verdict: 'granted' });
    });

    it('gives back money and places of earlier runs, and no rates', async () => {
      for (const id of [MONEY, PLACES, RATE]) await ask({ id, cap: 10, needed: 8, rolling: id === RATE ? MINUTE : undefined });
      await opened.store.releaseRuns('a#');

      const { uses } = await opened.store.read([MONEY, PLACES, RATE]);
      expect([MONEY, PLACES, RATE].map((id) => (uses.get(id)?.held ?? []).reduce((sum, [, held]) => sum + held, 0) > 0)).toEqual([false, false, true]);
    });

    it('releases one share, and leaves names that only begin alike', async () => {
      await ask({ needed: 10 });
      await ask({ holder: 'ab#1', needed: 10 });
      await opened.store.release({ id: MONEY, startMs: 0, holder: 'a#1' });
      await opened.store.releaseRuns('a');

      expect((await opened.store.read([MONEY])).uses.get(MONEY)?.held.reduce((sum, [, held]) => sum + held, 0) ?? 0).toBe(0);
      await ask({ holder: 'a_#1', needed: 10 });
      await opened.store.releaseRuns('a%');
      expect((await opened.store.read([MONEY])).uses.get(MONEY)?.held[0]?.[1]).toBeGreaterThanOrEqual(10);
    });

    it('knows nothing of quotas that nobody has used', async () => {
      expect((await opened.store.read(['tenant/nobody/day'])).uses.size).toBe(0);
      expect(await opened.store.recalled('nobody')).toEqual([]);
    });

    it('decides as the model in memory does, in every history', async () => {
      let world = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          world += 1;
          const model = openModel(opened.nowMs);
          for (const each of steps) {
            if (each.kind === 'time') {
              await opened.passTime(each.ms);
              continue;
            }
            const [real, expected] = [
              await play(opened.store, each, { world, nowMs: opened.nowMs() }),
              await play(model, each, { world, nowMs: opened.nowMs() }),
            ];
            expect(real).toEqual(expected);
          }
        }),
        { numRuns: runs },
      );
    });
  });
}

const holder = fc.constantFrom('a#1', 'a#2', 'b#1');
const id = fc.constantFrom(MONEY, RATE, PLACES);
const amount = fc.integer({ min: 0, max: 12 });
const askStep = fc.record({
  id,
  needed: amount,
  used: amount,
  report: amount,
  number: fc.integer({ min: 0, max: 5 }),
  saw: fc.integer({ min: 0, max: 3 }),
  waitsFor: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  ttlMs: fc.constantFrom(2000, 80_000),
});
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      holder,
      asks: fc.uniqueArray(askStep, { minLength: 1, maxLength: 3, selector: (each) => each.id }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(100, 900, 3000, 61_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('recalled' as const, 'releaseRuns' as const, 'read' as const), holder }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), holder, id }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? Exclude<T, { kind: 'time' }> : never;

/** One step on one store, with what it answers in an order that does not depend on the store. */
async function play(store: QuotaStore, each: Step, at: { readonly world: number; readonly nowMs: number }): Promise<unknown> {
  // Every history has quotas of its own: stores are opened once.
  const name = (plain: string): string => (plain.startsWith('rate/') ? plain.replace('k1', `w${at.world}`) : `${plain}/w${at.world}`);
  const owner = (plain: string): string => `w${at.world}/${plain}`;
  const sorted = (buckets: readonly Bucket[]): readonly Bucket[] => buckets.filter(([, sum]) => sum > 0).sort(([left], [right]) => left - right);
  switch (each.kind) {
    case 'ask': {
      const { answers, nowMs } = await store.exchange(
        each.asks.map((one) => {
          const rolling = one.id === RATE ? MINUTE : undefined;
          const startMs = rolling === undefined ? 0 : Math.floor(at.nowMs / 1000) * 1000;
          return askOf({
            id: name(one.id),
            rolling,
            holder: owner(each.holder),
            cap: 30,
            needed: one.needed,
            used: one.used === 0 ? [] : [[startMs, one.used]],
            report: one.report === 0 || one.id === MONEY ? [] : [[startMs, one.report]],
            reportNumber: one.id === MONEY ? 0 : one.number,
            saw: one.saw,
            waitsFor: one.waitsFor,
            ttlMs: one.ttlMs,
          });
        }),
      );
      return { nowMs, answers: answers.map((answer) => ({ ...answer, spent: sorted(answer.spent) })) };
    }
    case 'recalled':
      return [...(await store.recalled(owner(each.holder)))].sort((left, right) => (left.id < right.id ? -1 : 1));
    case 'releaseRuns':
      return store.releaseRuns(owner(`${each.holder.split('#', 1)[0]}#`));
    case 'release':
      return store.release({ id: name(each.id), startMs: 0, holder: owner(each.holder) });
    case 'read': {
      const { uses } = await store.read([MONEY, RATE, PLACES].map(name));
      return [...uses]
        .map(([key, use]) => [key, sorted(use.spent), sorted(use.held)])
        .filter(([, spent, held]) => (spent?.length ?? 0) + (held?.length ?? 0) > 0)
        .sort();
    }
  }
}
