import { PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock, Timer } from '#time';
import { askKeepers } from './ask-keepers.ts';
import type { Quota } from './quota.ts';
import { allKeepers, keeperOf, type QuotaKeeper, type QuotaKeepers } from './quota-keepers.ts';
import {
  applyAnswer,
  confirmReport,
  createShare,
  currentBucket,
  type Flight,
  hold,
  nextReport,
  type QuotaShare,
  type ShareBucket,
  tidyShare,
  usedBuckets,
} from './quota-share.ts';
import { counts, type QuotaAnswer, type QuotaAsk } from './quota-store.ts';
import { refuseQuota } from './refuse-quota.ts';
import type { Turns } from './turns.ts';

/** One quota as this process uses it. */
export interface QuotaHandle {
  quota: Quota;
  share: QuotaShare;
}

/** What a request wants of a quota. */
export interface Want {
  readonly handle: QuotaHandle;
  readonly amount: number;
}

/** An amount that a request holds. */
export interface Held {
  readonly share: QuotaShare;
  readonly bucket: ShareBucket;
  readonly quota: Quota;
  readonly amount: number;
}

/** The moment of one look at the quotas, so that all are seen at the same time. */
export interface Moment {
  /** By the clock of the store that keeps money. */
  readonly moneyMs: number;
  /** By the clock of the store that keeps rates and places. */
  readonly ratesMs: number;
  /** Monotonic. */
  readonly tick: number;
}

const storeMsOf = ({ unit }: Pick<Quota, 'unit'>, moment: Moment): number => (unit === 'nano-usd' ? moment.moneyMs : moment.ratesMs);

export interface QuotaShares {
  now(): Moment;
  /** The handle of a quota; a changed cap makes its share ask anew. */
  handle(quota: Quota): QuotaHandle;
  /** The share of now, without what has left its window. */
  current(handle: QuotaHandle, moment: Moment): QuotaShare;
  /**
   * Whether an amount can be held from memory: `true` and `false` (the store must be asked) are answers of this moment; throws
   * `rate_limited` or `quota_exceeded` when it is certain that it can not be had now.
   */
  fits(handle: QuotaHandle, amount: number, moment: Moment): boolean;
  /** Holds an amount that fits. */
  take(handle: QuotaHandle, amount: number, moment: Moment): Held;
  /** Asks the store for what does not fit. Throws `rate_limited`, `quota_exceeded`, or `overloaded` when it can not be decided in time; otherwise look again. */
  acquire(wants: readonly Want[]): Promise<void>;
  /** The share of a charge that counts from `startMs`. */
  find(quotaId: string, startMs: number): QuotaShare | undefined;
  /** Makes every share ask again before it is used. */
  invalidate(): void;
  /** Gives back the shares that nobody has used for a while, or all that are free. */
  releaseIdle(idleMs: number): Promise<void>;
  /** No longer looks whether others wait for what is held here. */
  close(): Promise<void>;
}

export interface QuotaSharesOptions {
  readonly keepers: QuotaKeepers;
  readonly clock: Clock;
  readonly log: Log;
  readonly turns: Turns;
  readonly holder: string;
  /** Lifetime of shares of money and places in the store. */
  readonly ttlMs: number;
  /** The longest that a reservation may live; a grant outlives every reservation made from it. */
  readonly reservationMs: number;
}

const RATE_WINDOW_MS = 60_000;
/** A share of a rate outlives the minute of what was taken from it, and a while in which it is used from memory. */
const RATE_TTL_MS = RATE_WINDOW_MS + 20_000;
// Clocks of different machines do not run equally fast; what crosses a border by this much still counts here.
const MARGIN_MS = 1000;
// Others look for recalls every 100 ms: who does not answer within this time is gone or cut off, and its share counts as used.
const RECALL_WAIT_MS = 1500;
const RECALL_POLL_MS = 40;
const LOOK_EVERY_MS = 100;
const NO_REPORT = { number: 0, buckets: [] };

export function createQuotaShares(options: QuotaSharesOptions): QuotaShares {
  const { keepers, clock, turns, holder, log } = options;
  const keeperFor = ({ unit }: Pick<Quota, 'unit'>): QuotaKeeper => keeperOf(keepers, unit);
  const handles = new Map<string, QuotaHandle>();
  // One count for all shares: a share that is opened anew must not repeat a number that the store still knows.
  let reports = 0;
  const nextNumber = (): number => {
    reports += 1;
    return reports;
  };
  const shares = new Map<string, QuotaShare>();
  const keyOf = (quotaId: string, startMs: number): string => `${quotaId}@${startMs}`;

  const open = (quota: Quota): QuotaShare => {
    const fresh = createShare(quota, keeperFor(quota).time.nowMs(), clock.monotonicMs());
    const share = shares.get(keyOf(quota.id, fresh.startMs)) ?? fresh;
    shares.set(keyOf(quota.id, share.startMs), share);
    return share;
  };

  const now = (): Moment => {
    const tick = clock.monotonicMs();
    return { moneyMs: keepers.money.time.at(tick), ratesMs: keepers.rates.time.at(tick), tick };
  };

  const current = (handle: QuotaHandle, moment: Moment): QuotaShare => {
    let { share } = handle;
    const storeMs = storeMsOf(handle.quota, moment);
    if (storeMs >= share.endMs || storeMs < share.startMs || share.gone) {
      share = open(handle.quota);
      handle.share = share;
      handles.set(handle.quota.id, handle);
    }
    tidyShare(share, handle.quota, storeMs);
    return share;
  };

  /** Spent that will still count when the clock of the store is a little ahead of what is believed here. */
  const certainlySpent = (share: QuotaShare, quota: Quota, storeMs: number): boolean => {
    if (quota.rolling === undefined) return true;
    const soon = storeMs + keeperFor(quota).time.errorMs();
    const [spent] = share.spent;
    const [own] = share.buckets;
    return (spent === undefined || counts(quota, spent[0], soon)) && (own === undefined || counts(quota, own.startMs, soon));
  };

  const lives = (quota: Quota): { ttlMs: number; usableMs: number } =>
    quota.unit === 'nano-usd' || quota.unit === 'concurrent'
      ? { ttlMs: options.ttlMs, usableMs: options.ttlMs - options.reservationMs - MARGIN_MS }
      : { ttlMs: RATE_TTL_MS, usableMs: RATE_TTL_MS - RATE_WINDOW_MS - MARGIN_MS };

  /** One exchange, in turn with settlements, so that no amount is in two places. */
  const exchange = (
    wants: readonly (Want & { readonly share: QuotaShare; readonly waitsFor: number | undefined })[],
  ): Promise<readonly (QuotaAnswer | undefined)[]> =>
    turns.run(async () => {
      const asks = wants.map(({ handle, amount, share, waitsFor }) => {
        const { quota } = handle;
        const keeper = keeperFor(quota);
        tidyShare(share, quota, keeper.time.nowMs());
        // What is sent now is what the grant will be measured by: until the answer nothing more is taken.
        share.usableUntil = Number.NEGATIVE_INFINITY;
        // Money is reported with its charge; everything else when the store is asked anyway.
        const report = quota.unit === 'nano-usd' ? NO_REPORT : nextReport(share, nextNumber);
        const ask: QuotaAsk = {
          id: quota.id,
          startMs: share.startMs,
          rolling: quota.rolling,
          holder,
          cap: quota.cap,
          used: usedBuckets(share, report.buckets),
          report: report.buckets,
          reportNumber: report.number,
          needed: amount,
          ttlMs: lives(quota).ttlMs,
          saw: share.recall,
          waitsFor,
        };
        return { keeper, ask };
      });
      for (const { share } of wants) if (share.flight !== undefined) share.flight.sent += 1;
      const answers = await askKeepers(asks, clock);
      for (const [index, given] of answers.entries()) {
        const want = wants[index];
        if (want === undefined || given === undefined) continue;
        confirmReport(want.share);
        applyAnswer(want.share, given.answer, given.sent + lives(want.handle.quota).usableMs);
      }
      return answers.map((given) => given?.answer);
    });

  const answerRecalls = async ({ store }: QuotaKeeper): Promise<void> => {
    for (const ref of await store.recalled(holder)) {
      const share = shares.get(keyOf(ref.id, ref.startMs));
      const handle = handles.get(ref.id);
      if (share === undefined || handle === undefined) await turns.run(() => store.release(ref));
      else {
        share.recall = Math.max(share.recall, ref.recall);
        if (share.flight === undefined) await exchange([{ handle, amount: 0, share, waitsFor: undefined }]);
      }
    }
  };

  let looking: Promise<unknown> = Promise.resolve();
  let timer: Timer | undefined;
  let closed = false;
  const failing = new Set<QuotaKeeper>();
  /** One store that is away keeps nobody from looking into the other. */
  const look = (keeper: QuotaKeeper): Promise<void> =>
    answerRecalls(keeper).then(
      () => void failing.delete(keeper),
      (error: unknown) => {
        // Said once: a database that is away is away ten times a second.
        if (!failing.has(keeper)) log.warn({ error: (error as { code?: unknown }).code }, 'the ledger could not see what others wait for: it tries again');
        failing.add(keeper);
      },
    );
  /** Looks for recalls as long as something is held: others wait for the answer. */
  const keepLooking = (): void => {
    if (timer !== undefined || closed || shares.size === 0) return;
    timer = clock.schedule(LOOK_EVERY_MS, () => {
      looking = Promise.all(allKeepers(keepers).map(look));
      void looking.then(() => {
        timer = undefined;
        keepLooking();
      });
    });
  };

  const fly = async (wants: readonly (Want & { readonly share: QuotaShare })[], flight: Flight): Promise<void> => {
    const deadline = clock.monotonicMs() + RECALL_WAIT_MS;
    let waiting: readonly (Want & { readonly share: QuotaShare; readonly waitsFor: number | undefined; readonly first?: number })[] = wants.map((want) => ({
      ...want,
      waitsFor: undefined,
    }));
    for (;;) {
      const answers = await exchange(waiting);
      const isLate = clock.monotonicMs() >= deadline;
      const refused = waiting.find((want, index) => {
        const answer = answers[index];
        // Who is silent is gone or cut off: its share counts as used.
        return answer?.verdict === 'refused' || (answer?.verdict === 'wait' && isLate && answer.othersSaw < (want.first ?? 0) && !answer.othersPromised);
      });
      if (refused !== undefined) {
        const { handle, share, amount } = refused;
        const othersGranted = answers[waiting.indexOf(refused)]?.othersGranted ?? 0;
        flight.refused = {
          needed: amount,
          share,
          error: refuseQuota({ quota: handle.quota, share, needed: amount, othersGranted, storeMs: keeperFor(handle.quota).time.nowMs() }),
        };
        return;
      }
      if (answers.every((answer) => answer?.verdict === 'granted')) return;
      if (isLate)
        throw new PlatformError('overloaded', { message: 'several replicas are fighting for the last of a limit; send the request again', retryAfterS: 1 });
      // Nothing is held while one of them waits: all are asked for again.
      waiting = waiting.map((want, index) => {
        const answer = answers[index];
        return answer?.recalls === true ? { ...want, waitsFor: answer.recall, first: want.first ?? answer.recall } : want;
      });
      await clock.sleep(RECALL_POLL_MS);
    }
  };

  const giveBack = async (share: QuotaShare): Promise<void> => {
    const key = keyOf(share.quotaId, share.startMs);
    if (shares.get(key) === share) shares.delete(key);
    share.gone = true;
    share.usableUntil = Number.NEGATIVE_INFINITY;
    await turns.run(() => keeperFor(share).store.release({ id: share.quotaId, startMs: share.startMs, holder }));
  };

  const leaveIdle = async (share: QuotaShare): Promise<void> => {
    const handle = handles.get(share.quotaId);
    if (handle !== undefined) {
      tidyShare(share, handle.quota, keeperFor(handle.quota).time.nowMs());
      // A rate that is left early is told to the others first.
      if (handle.quota.unit !== 'nano-usd' && share.buckets.some((bucket) => bucket.final > 0))
        await exchange([{ handle, amount: 0, share, waitsFor: undefined }]);
    }
    if (share.used !== 0 || share.flight !== undefined) return;
    if (handle?.share === share) handles.delete(share.quotaId);
    await giveBack(share);
  };

  return {
    handle(quota) {
      const known = handles.get(quota.id);
      if (known !== undefined) {
        if (known.quota.cap !== quota.cap) known.share.usableUntil = Number.NEGATIVE_INFINITY;
        known.quota = quota;
        return known;
      }
      const handle = { quota, share: open(quota) };
      handles.set(quota.id, handle);
      return handle;
    },
    now,
    current,
    fits(handle, amount, moment) {
      const share = current(handle, moment);
      if (share.flight !== undefined || moment.tick >= share.usableUntil) return false;
      if (share.used + amount <= share.granted) return true;
      const { quota } = handle;
      const storeMs = storeMsOf(quota, moment);
      // What is spent stays spent until it leaves the window: nobody needs to be asked to refuse this.
      if (share.spentSum + share.used + amount > quota.cap && certainlySpent(share, quota, storeMs))
        throw refuseQuota({ quota, share, needed: amount, othersGranted: 0, storeMs });
      return false;
    },
    take(handle, amount, moment) {
      const { share, quota } = handle;
      const bucket = currentBucket(share, quota, storeMsOf(quota, moment));
      hold(share, bucket, amount);
      share.lastUsed = moment.tick;
      return { share, bucket, quota, amount };
    },
    async acquire(wants) {
      const moment = now();
      const all = wants.map((want) => ({ ...want, share: current(want.handle, moment) }));
      const busy = all.find(({ share }) => share.flight !== undefined);
      if (busy?.share.flight !== undefined) {
        const { flight } = busy.share;
        const cameAt = flight.sent;
        await flight.done;
        const { refused } = flight;
        // Who asks for no less and came before the store was asked has the same answer; everybody else looks again.
        if (refused !== undefined && refused.share === busy.share && cameAt === 0 && busy.amount >= refused.needed) throw refused.error;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const flight: Flight = { done: promise, sent: 0, refused: undefined };
      for (const { share } of all) share.flight = flight;
      try {
        await fly(all, flight);
      } finally {
        for (const { share } of all) share.flight = undefined;
        resolve();
        keepLooking();
      }
      if (flight.refused !== undefined) throw flight.refused.error;
    },
    find: (quotaId, startMs) => shares.get(keyOf(quotaId, startMs)) ?? shares.get(keyOf(quotaId, 0)),
    invalidate() {
      for (const share of shares.values()) share.usableUntil = Number.NEGATIVE_INFINITY;
    },
    async releaseIdle(idleMs) {
      const tick = clock.monotonicMs();
      let failure: { readonly error: unknown } | undefined;
      for (const share of [...shares.values()]) {
        if (share.flight !== undefined || tick - share.lastUsed < idleMs) continue;
        // A store that is away keeps no share in another one from going back.
        await leaveIdle(share).catch((error: unknown) => {
          failure ??= { error };
        });
      }
      if (failure !== undefined) throw failure.error;
    },
    async close() {
      closed = true;
      timer?.cancel();
      await looking;
    },
  };
}
