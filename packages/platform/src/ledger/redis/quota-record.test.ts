import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryQuotaStore } from '../__fixtures__/quota-world/memory-quota-store.ts';
import { decideQuotas, type QuotaAsk } from '../quota-store.ts';
import { parseRecord, type QuotaRecord, recordLifeMs, takeReport, viewOf, withAnswer } from './quota-record.ts';
import { callsKey, heldKey, parseRef, quotaKey, recordCommands, toRef } from './record-commands.ts';

const ID = 'rate/key/k/requests';
const MINUTE = { stepMs: 1000, steps: 60 };
const START_MS = 1_800_000_000_000;
const askOf = (changes: Partial<QuotaAsk> = {}): QuotaAsk => ({
  id: ID,
  startMs: 0,
  rolling: MINUTE,
  holder: 'a#1',
  cap: 20,
  used: [],
  report: [],
  reportNumber: 0,
  needed: 0,
  ttlMs: 80_000,
  saw: 0,
  waitsFor: undefined,
  ...changes,
});
const steps = fc.array(
  fc.record({
    holder: fc.constantFrom('a#1', 'b#1', 'c d#1'),
    needed: fc.nat(8),
    used: fc.nat(8),
    report: fc.nat(5),
    reportNumber: fc.nat(6),
    saw: fc.nat(6),
    waitsFor: fc.option(fc.nat(4), { nil: undefined }),
    ttlMs: fc.constantFrom(2000, 80_000),
    waitMs: fc.constantFrom(0, 400, 3000, 61_000),
  }),
  { minLength: 1, maxLength: 40 },
);

/** One exchange as the store in Redis does it, without Redis. */
function play(before: QuotaRecord, ask: QuotaAsk, nowMs: number) {
  const taken = takeReport(before, ask, nowMs);
  const [answer] = decideQuotas([ask], [viewOf(taken, ask, nowMs)]);
  if (answer === undefined) throw new Error('nothing was decided');
  return { answer, after: withAnswer(taken, { ask, answer, nowMs }) };
}

/** Sets and hashes of Redis, as far as indexes use them. */
function applyTo(indexes: Map<string, Map<string, string>>, commands: readonly (readonly string[])[]): void {
  for (const [command = '', key = '', member = '', value = ''] of commands) {
    const index = indexes.get(key) ?? new Map<string, string>();
    indexes.set(key, index);
    if (command === 'SADD') index.set(member, '');
    if (command === 'HSET') index.set(member, value);
    if (command === 'SREM' || command === 'HDEL') index.delete(member);
  }
}

describe('a quota in Redis', () => {
  it('is decided as in the model, through every history and its way over JSON', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        let nowMs = START_MS;
        const model = createMemoryQuotaStore(() => nowMs);
        let record = parseRecord(undefined);
        for (const { waitMs, used, report, ...each } of history) {
          nowMs += waitMs;
          const startMs = Math.floor(nowMs / 1000) * 1000;
          const ask = askOf({ ...each, used: used === 0 ? [] : [[startMs, used]], report: report === 0 ? [] : [[startMs, report]] });
          const { answer, after } = play(record, ask, nowMs);

          expect(answer).toEqual((await model.exchange([ask])).answers[0]);
          record = parseRecord(JSON.stringify(after));
        }
      }),
    );
  });

  it('has indexes that say exactly who holds what and who is waited for, after every change', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const indexes = new Map<string, Map<string, string>>();
        let record = parseRecord(undefined);
        let nowMs = START_MS;
        for (const { waitMs, used, report, ...each } of history) {
          nowMs += waitMs;
          const ask = askOf({ ...each, used: used === 0 ? [] : [[nowMs, used]], report: report === 0 ? [] : [[nowMs, report]] });
          const { after } = play(record, ask, nowMs);
          applyTo(indexes, recordCommands({ id: ID, before: record, after, nowMs, life: 1000 }));
          record = after;

          for (const holder of ['a#1', 'b#1', 'c d#1']) {
            const share = record.shares.find((one) => one.holder === holder);
            expect([...(indexes.get(heldKey(holder))?.keys() ?? [])]).toEqual(share === undefined ? [] : [toRef(ID, 0)]);
            const called = share !== undefined && share.seen < record.recall ? [[toRef(ID, 0), String(record.recall)]] : [];
            expect([...(indexes.get(callsKey(holder)) ?? [])]).toEqual(called);
          }
        }
      }),
    );
  });

  it('is written with its end: after what counts and what is held, never where something stays spent', () => {
    const { after } = play(parseRecord(undefined), askOf({ needed: 3 }), START_MS);
    expect(recordLifeMs(after, askOf(), START_MS)).toBe(140_000);
    expect(recordLifeMs({ ...after, shares: [] }, askOf(), START_MS)).toBe(120_000);
    expect(recordLifeMs({ ...after, shares: [] }, askOf({ rolling: undefined }), START_MS)).toBe(60_000);
    expect(recordLifeMs({ ...after, spent: [[0, 5]] }, askOf({ rolling: undefined }), START_MS)).toBeUndefined();
    const written = (life: 'kept' | 'forever' | number) => recordCommands({ id: ID, before: after, after, nowMs: START_MS, life })[0]?.slice(3);
    expect([written('kept'), written('forever'), written(5)]).toEqual([['KEEPTTL'], [], ['PX', '5']]);
  });

  it('never takes a recall for seen that it does not know', () => {
    const { after } = play(parseRecord(undefined), askOf({ saw: 7 }), START_MS);

    expect(after.shares[0]?.seen).toBe(0);
  });

  it('is found by whatever it and its holders are called, on one node of a cluster', () => {
    for (const id of ['rate/end-user/kim lee@shop/requests', 'rate/tag/a:b/{x}', '한국어', ' ']) {
      expect(parseRef(toRef(id, 1_800_000_000_000))).toEqual({ id, startMs: 1_800_000_000_000 });
      expect(/\{([^}]*)\}/.exec(quotaKey(id))?.[1]).toBe('limits');
    }
  });
});
