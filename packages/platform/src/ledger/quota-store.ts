import { PlatformError } from '@maru/api/errors';
import type { RollingWindow } from './budget-window.ts';

/** An amount that counts from the beginning of its window or step. */
export type Bucket = readonly [startMs: number, amount: number];

/** What a process wants of one quota. */
export interface QuotaAsk {
  readonly id: string;
  /** Of the calendar window; 0 where the window rolls. */
  readonly startMs: number;
  /** How the window rolls; undefined for a calendar window and for requests at once. */
  readonly rolling: RollingWindow | undefined;
  readonly holder: string;
  readonly cap: number;
  /** What the holder has reserved or spent out of its share and not reported here; what is out of the window no longer counts. */
  readonly used: readonly Bucket[];
  /** What was used up and is not in `used` any more: from now on it is spent. */
  readonly report: readonly Bucket[];
  /** Numbers the reports of a share: one that comes again, because its answer was lost, changes nothing. */
  readonly reportNumber: number;
  /** What the holder needs on top right now. */
  readonly needed: number;
  /** How long the share lives without being renewed. */
  readonly ttlMs: number;
  /** The last recall that the holder knew of when it looked at what it uses. */
  readonly saw: number;
  /** The recall whose answers this ask waits for. */
  readonly waitsFor: number | undefined;
}

export interface QuotaAnswer {
  /** What the holder may have used in all, without what is spent. */
  readonly granted: number;
  /** `refused` is certain at this moment; `wait` says that others may hold more than they use: they are asked to give it back. */
  readonly verdict: 'granted' | 'wait' | 'refused';
  /** Spent by everybody in the windows or steps that count. */
  readonly spent: readonly Bucket[];
  /** Held by the shares of others. */
  readonly othersGranted: number;
  /** The last recall of the quota. */
  readonly recall: number;
  /** What is kept as seen by the holder: never a recall that the store does not know, such as one from before it lost its data. */
  readonly seen: number;
  /** Granted for a request that is not admitted yet; others wait until its holder has said more. */
  readonly promised: number;
  /** This ask has called back what others do not use. */
  readonly recalls: boolean;
  /** The oldest recall that every other holder has answered; infinite without others. */
  readonly othersSaw: number;
  /** Holders that have answered a recall since the ask began to wait, and have a promise open. */
  readonly othersPromised: boolean;
}

interface QuotaShareRef {
  readonly id: string;
  readonly startMs: number;
  readonly holder: string;
}

/** What everybody together has spent and holds of a quota. */
export interface QuotaUse {
  readonly spent: readonly Bucket[];
  /** Shares that have not run out, by the beginning of their calendar window; 0 where the share stands for ever. */
  readonly held: readonly Bucket[];
}

/** Keeps quotas for all processes: spent + all shares never exceed the cap by a grant. Its clock is the only one that counts. */
export interface QuotaStore {
  /** All asks in one transaction, or none; the time is that of the store after the quotas were locked. */
  exchange(asks: readonly QuotaAsk[]): Promise<{ readonly answers: readonly QuotaAnswer[]; readonly nowMs: number }>;
  /** For people: a look without a lock. Quotas that nobody has used yet are not in the answer. */
  read(ids: readonly string[]): Promise<{ readonly uses: ReadonlyMap<string, QuotaUse>; readonly nowMs: number }>;
  /** Shares of the holder that others wait for. */
  recalled(holder: string): Promise<readonly (QuotaShareRef & { readonly recall: number })[]>;
  release(share: QuotaShareRef): Promise<void>;
  /** Gives back the money and the places that earlier runs of a process left; their rates end with their time, since requests were made. */
  releaseRuns(holderPrefix: string): Promise<void>;
}

/** What the store knows about a quota when it decides. */
export interface QuotaView {
  readonly spent: readonly Bucket[];
  /** Shares of others that have not run out. */
  readonly others: readonly { readonly granted: number; readonly seen: number; readonly promised: number }[];
  readonly recall: number;
  readonly recalledMs: number;
  readonly nowMs: number;
}

type QuotaDecision = Pick<QuotaAnswer, 'granted' | 'verdict' | 'promised' | 'recalls'>;

// While a quota is fought for, nobody gets more than it needs: what lies idle would have to be called back again.
const CONTENDED_MS = 2000;
// Besides its need a process gets an eighth of what is left: few exchanges, and little that is lost for a while with a process.
const SURPLUS = 8;

/**
 * The one place where grants are decided; pure, so that every store decides alike. A request gets all that it asks for or nothing:
 * nobody holds a part while waiting for the rest.
 */
export function decideQuotas(asks: readonly QuotaAsk[], views: readonly QuotaView[]): readonly QuotaAnswer[] {
  const decisions = asks.map((ask, index): QuotaAnswer => {
    const view = views[index];
    if (view === undefined) throw new PlatformError('internal', { message: `the quota "${ask.id}" was not read` });
    const decision = decideQuota(ask, view);
    return {
      ...decision,
      spent: view.spent,
      othersGranted: view.others.reduce((sum, other) => sum + other.granted, 0),
      recall: view.recall + (decision.recalls ? 1 : 0),
      seen: Math.min(ask.saw, view.recall),
      othersPromised: view.others.some((other) => other.promised > 0 && other.seen >= (ask.waitsFor ?? Number.POSITIVE_INFINITY)),
      othersSaw: view.others.reduce((least, other) => (other.granted > 0 ? Math.min(least, other.seen) : least), Number.POSITIVE_INFINITY),
    };
  });
  if (decisions.every((decision) => decision.verdict === 'granted')) return decisions;
  return decisions.map((decision, index) => {
    const [ask, view] = [asks[index], views[index]];
    return ask === undefined || view === undefined ? decision : { ...decision, granted: usedIn(ask, view.nowMs), promised: 0 };
  });
}

const usedIn = (ask: QuotaAsk, nowMs: number): number => ask.used.reduce((sum, [startMs, amount]) => sum + (counts(ask, startMs, nowMs) ? amount : 0), 0);

function decideQuota(ask: QuotaAsk, view: QuotaView): QuotaDecision {
  const used = usedIn(ask, view.nowMs);
  const spent = view.spent.reduce((sum, [, amount]) => sum + amount, 0);
  const othersGranted = view.others.reduce((sum, other) => sum + other.granted, 0);
  const left = ask.cap - spent;
  const must = used + ask.needed;
  if (must <= left - othersGranted) {
    const contended = view.nowMs - view.recalledMs < CONTENDED_MS && view.recall > 0;
    const surplus = contended ? 0 : Math.floor((left - othersGranted - must) / (SURPLUS * (view.others.length + 1)));
    return { granted: must + surplus, verdict: 'granted', promised: ask.needed, recalls: false };
  }
  // What is used stays granted even when the cap was lowered: it can not be unspent.
  const without = { granted: used, promised: 0 };
  if (must > left || othersGranted === 0) return { ...without, verdict: 'refused', recalls: false };
  const { waitsFor } = ask;
  if (waitsFor === undefined) return { ...without, verdict: 'wait', recalls: true };
  const answering = view.others.filter((other) => other.granted > 0);
  // A promise may still come to nothing: its holder is asked again, also while another is silent.
  if (answering.some((other) => other.promised > 0 && other.seen >= waitsFor)) return { ...without, verdict: 'wait', recalls: true };
  if (answering.some((other) => other.seen < waitsFor)) return { ...without, verdict: 'wait', recalls: false };
  return { ...without, verdict: 'refused', recalls: false };
}

/** Whether an amount from `startMs` counts now; in a calendar window and for requests at once it always does. */
export const counts = (ask: Pick<QuotaAsk, 'rolling'>, startMs: number, nowMs: number): boolean =>
  ask.rolling === undefined || nowMs < startMs + ask.rolling.steps * ask.rolling.stepMs;
