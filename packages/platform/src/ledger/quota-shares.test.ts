import { PlatformError } from '@maru/api/errors';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, type FakeClock } from '#time';
import { whileTimeGoesOn } from './__fixtures__/open-ledger.ts';
import { createMemoryQuotaStore, type WorldStore } from './__fixtures__/quota-world/memory-quota-store.ts';
import { limitQuotas, type Quota } from './quota.ts';
import { createQuotaKeepers } from './quota-keepers.ts';
import { settleHold } from './quota-share.ts';
import { createQuotaShares, type Held, type QuotaShares } from './quota-shares.ts';
import { createTurns } from './turns.ts';

const START_MS = Date.parse('2026-11-21T10:30:00Z');
let clock: FakeClock;
let store: WorldStore;
let exchanges: number;
let broken: boolean;
beforeEach(() => {
  clock = createFakeClock(START_MS);
  exchanges = 0;
  broken = false;
  const memory = createMemoryQuotaStore(clock.nowMs);
  store = {
    ...memory,
    exchange: (asks) => {
      exchanges += 1;
      return broken ? Promise.reject(new PlatformError('storage_failed', { message: 'the store is away' })) : memory.exchange(asks);
    },
  };
});

const replica = (holder: string): QuotaShares =>
  createQuotaShares({
    keepers: createQuotaKeepers({ money: store }, clock),
    clock,
    log: silentLog,
    turns: createTurns(),
    holder,
    ttlMs: 900_000,
    reservationMs: 600_000,
  });
const limit = (spec: Parameters<typeof limitQuotas>[1]): Quota => {
  const [quota] = limitQuotas({ id: 'key/k', name: 'key "k"' }, spec);
  if (quota === undefined) throw new Error('no limit was given');
  return quota;
};

/** Takes an amount as a request does: from memory, else after the store was asked. */
async function take(shares: QuotaShares, quota: Quota, amount: number): Promise<Held> {
  const handle = shares.handle(quota);
  for (;;) {
    const moment = shares.now();
    if (shares.fits(handle, amount, moment)) return shares.take(handle, amount, moment);
    await whileTimeGoesOn(clock, shares.acquire([{ handle, amount }]));
  }
}
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );
const giveBack = ({ share, bucket, amount }: Held): void => settleHold(share, bucket, { held: amount, used: 0 });

describe('shares of quotas', () => {
  it('are used from memory: one exchange serves many requests', async () => {
    const shares = replica('a#1');
    const quota = limit({ requestsPerMinute: 800 });

    for (let turn = 0; turn < 50; turn += 1) await take(shares, quota, 1);

    expect(exchanges).toBe(1);
  });

  it('refuse without asking when what is spent can not come back before the window has moved', async () => {
    const shares = replica('a#1');
    const quota = limit({ requestsPerMinute: 2 });
    await take(shares, quota, 1);
    await take(shares, quota, 1);
    const before = exchanges;

    expect(await outcome(take(shares, quota, 1))).toBe('rate_limited');
    expect(exchanges).toBe(before);
    await clock.advance(61_000);
    expect(await outcome(take(shares, quota, 1))).toBe('ok');
  });

  it('go to whoever needs them: an idle share is called back', async () => {
    const [first, second] = [replica('a#1'), replica('b#1')];
    const quota = limit({ concurrentRequests: 10 });
    giveBack(await take(first, quota, 9));

    expect(await outcome(take(second, quota, 10))).toBe('ok');
    expect(await outcome(take(first, quota, 1))).toBe('rate_limited');
  });

  it('refuse at once what another one is using, and do not wait for its end', async () => {
    const [first, second] = [replica('a#1'), replica('b#1')];
    const quota = limit({ concurrentRequests: 10 });
    await take(first, quota, 1);
    const startedMs = clock.nowMs();

    expect(await outcome(take(second, quota, 10))).toBe('rate_limited');
    expect(clock.nowMs() - startedMs).toBeLessThan(1000);
  });

  it('count what a silent one holds as used, after a short wait, until its time is over', async () => {
    const quota = limit({ concurrentRequests: 10 });
    await store.exchange([
      {
        id: quota.id,
        startMs: 0,
        rolling: undefined,
        holder: 'dead#1',
        cap: 10,
        used: [[0, 4]],
        report: [],
        reportNumber: 0,
        needed: 0,
        ttlMs: 900_000,
        saw: 0,
        waitsFor: undefined,
      },
    ]);
    const shares = replica('a#1');
    const held = store.grantedTo(quota.id, 0, (holder) => holder === 'dead#1');

    expect(await outcome(take(shares, quota, 10))).toBe('rate_limited');
    expect(await outcome(take(shares, quota, 10 - held))).toBe('ok');
    await clock.advance(900_001);
    expect(await outcome(take(shares, quota, held))).toBe('ok');
  });

  it('answer many that come at once out of one exchange', async () => {
    const shares = replica('a#1');
    const quota = limit({ requestsPerMinute: 3 });
    const all = Array.from({ length: 20 }, () => outcome(take(shares, quota, 1)));
    const outcomes = await Promise.all(all);

    expect(outcomes.filter((each) => each === 'ok')).toHaveLength(3);
    expect(outcomes.filter((each) => each === 'rate_limited')).toHaveLength(17);
    expect(exchanges).toBeLessThan(8);
  });

  it('hold nothing of an exchange of which one part does not fit', async () => {
    const [first, second] = [replica('a#1'), replica('b#1')];
    const [places, requests] = [limit({ concurrentRequests: 2 }), limit({ requestsPerMinute: 100 })];
    await take(first, places, 2);

    const wants = [
      { handle: second.handle(requests), amount: 1 },
      { handle: second.handle(places), amount: 1 },
    ];
    expect(await outcome(whileTimeGoesOn(clock, second.acquire(wants)))).toBe('rate_limited');
    expect(store.grantedTo(requests.id, 0, (holder) => holder === 'b#1')).toBe(0);
  });

  it('go on from memory while the store is away, and say so when they are used up', async () => {
    const shares = replica('a#1');
    const quota = limit({ concurrentRequests: 80 });
    await take(shares, quota, 1);
    broken = true;

    const outcomes: string[] = [];
    for (let turn = 0; turn < 80; turn += 1) outcomes.push(await outcome(take(shares, quota, 1)));
    expect(outcomes[0]).toBe('ok');
    expect(outcomes.at(-1)).toBe('storage_failed');
    broken = false;
    expect(await outcome(take(shares, quota, 1))).toBe('ok');
  });

  it('ask again when the cap was changed', async () => {
    const shares = replica('a#1');
    await take(shares, limit({ concurrentRequests: 10 }), 3);

    expect(await outcome(take(shares, limit({ concurrentRequests: 3 }), 1))).toBe('rate_limited');
    expect(await outcome(take(shares, limit({ concurrentRequests: 4 }), 1))).toBe('ok');
  });

  it('give back what is free, and tell the others what was used of a rate first', async () => {
    const shares = replica('a#1');
    const [places, requests] = [limit({ concurrentRequests: 10 }), limit({ requestsPerMinute: 10 })];
    giveBack(await take(shares, places, 4));
    const held = await take(shares, requests, 4);
    settleHold(held.share, held.bucket, { held: 4, used: 4 });

    await whileTimeGoesOn(clock, shares.releaseIdle(0));

    const { uses } = await store.read([places.id, requests.id]);
    expect([places.id, requests.id].map((id) => (uses.get(id)?.held ?? []).reduce((sum, [, amount]) => sum + amount, 0))).toEqual([0, 0]);
    expect(uses.get(requests.id)?.spent.reduce((sum, [, amount]) => sum + amount, 0)).toBe(4);
    await shares.close();
  });
});
