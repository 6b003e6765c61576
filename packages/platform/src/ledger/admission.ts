import type { Usage } from '@maru/api/records';
import { LiveMap } from '#memory';
import type { Clock } from '#time';
import type { Scope } from './account-scope.ts';
import type { Accounts } from './accounts.ts';
import { windowAt } from './budget-window.ts';
import type { PriceBook, PriceQuery } from './price-book.ts';
import type { Principal } from './principal.ts';
import { amountOf, type Quota, type QuotaAmounts } from './quota.ts';
import type { Held, Moment, QuotaHandle, QuotaShares, Want } from './quota-shares.ts';
import { rateHeaders } from './rate-headers.ts';
import { freeReservation, type Reservation } from './reservation.ts';

export interface AdmitRequest {
  /** The public name that the client asked for. */
  readonly requestedModel: string;
  /** The most that the request can use; budgets hold exactly as long as this is no less than what is settled. */
  readonly estimate: Usage;
  /** Every model that may answer: the dearest is reserved. */
  readonly prices: readonly PriceQuery[];
  /** Who asks, where a key serves many people. */
  readonly endUser?: string | undefined;
  /** What the client has marked the request with; the tags of the key come on top. */
  readonly tags?: readonly string[] | undefined;
}

export interface Admission {
  /**
   * Checks model, rates and budgets, and holds a share of them. From memory, except when the store has to be asked.
   * Throws `model_not_allowed`, `rate_limited`, `quota_exceeded`, `key_blocked`, `key_revoked` or `forbidden`, and then holds nothing.
   */
  admit(principal: Principal, request: AdmitRequest): Reservation | Promise<Reservation>;
  /** Gives everything back; a request that made nothing is not charged. */
  release(reservation: Reservation): void;
  /** Forgets a reservation that is being settled. */
  finish(reservation: Reservation, usage: Usage): void;
  /** Frees reservations that were never settled. Returns how many. */
  expire(): number;
  /** Number of reservations that are held. */
  open(): number;
}

export interface AdmissionOptions {
  readonly accounts: Accounts;
  readonly shares: QuotaShares;
  readonly prices: PriceBook;
  readonly clock: Clock;
  readonly reservationMs: number;
}

const MAX_TAGS = 10;
const MAX_NAME = 256;

/** What a client calls somebody, as every store can keep it: half of a pair of surrogates is no character. */
const toName = (text: string): string => text.slice(0, MAX_NAME).toWellFormed();

export function createAdmission(options: AdmissionOptions): Admission {
  const { accounts, shares, prices, clock } = options;
  // In the order of their making, and every reservation lives equally long: the first is always the oldest.
  const live = new LiveMap<number, Reservation>();
  let made = 0;
  const handles = new WeakMap<readonly Quota[], readonly QuotaHandle[]>();

  const handlesOf = (quotas: readonly Quota[]): readonly QuotaHandle[] => {
    let known = handles.get(quotas);
    if (known === undefined) {
      known = quotas.map(shares.handle);
      handles.set(quotas, known);
    }
    return known;
  };

  /** The reservation, or what the store has to be asked for. */
  const tryAdmit = (ask: Ask, scope: Scope): Reservation | readonly Want[] => {
    const { principal, requestedModel, amounts } = ask;
    const nowMs = clock.nowMs();
    scope.check(requestedModel, nowMs);
    const wanted = handlesOf(scope.quotas(requestedModel));
    const moment = shares.now();
    let lacking: Want[] | undefined;
    for (const handle of wanted) {
      if (handle.quota.unit === 'nano-usd' && amounts.costNanoUsd === null) continue;
      const amount = amountOf(handle.quota.unit, amounts);
      if (shares.fits(handle, amount, moment)) continue;
      lacking ??= [];
      lacking.push({ handle, amount });
    }
    if (lacking !== undefined) return lacking;
    const held: Held[] = [];
    for (const handle of wanted)
      if (handle.quota.unit !== 'nano-usd' || amounts.costNanoUsd !== null) held.push(shares.take(handle, amountOf(handle.quota.unit, amounts), moment));
    made += 1;
    const reservation: Reservation = {
      serial: made,
      principal,
      requestedModel,
      admittedMs: nowMs,
      endUser: ask.endUser,
      tags: tagsOf(principal, ask.tags),
      estimateNanoUsd: amounts.costNanoUsd,
      headers: rateHeaders(wanted, moment.ratesMs),
      held,
      budgets: budgetRefs(scope, requestedModel, { held, moment }),
      accounts: scope.accountIds,
      state: 'open',
    };
    live.set(made, reservation);
    return reservation;
  };

  const admitSlowly = async (ask: Ask): Promise<Reservation> => {
    for (;;) {
      const scope = accounts.scope(ask);
      if (scope === undefined) {
        await accounts.load(ask);
        continue;
      }
      const result = tryAdmit(ask, scope);
      if (!Array.isArray(result)) return result as Reservation;
      await shares.acquire(result);
    }
  };

  return {
    admit(principal, request) {
      const ask: Ask = {
        principal,
        requestedModel: request.requestedModel,
        endUser: principal.endUser ?? (request.endUser === undefined ? undefined : toName(request.endUser)),
        tags: request.tags?.slice(0, MAX_TAGS).map((tag) => toName(tag)),
        amounts: { costNanoUsd: dearest(prices, request, clock.nowMs()), usage: request.estimate },
      };
      const scope = accounts.scope(ask);
      if (scope === undefined) return admitSlowly(ask);
      const result = tryAdmit(ask, scope);
      if (!Array.isArray(result)) return result as Reservation;
      return shares.acquire(result as readonly Want[]).then(() => admitSlowly(ask));
    },
    release(reservation) {
      if (reservation.state !== 'open') return;
      live.take(reservation.serial);
      freeReservation(reservation, 'released');
    },
    finish(reservation, usage) {
      live.take(reservation.serial);
      freeReservation(reservation, 'settled', usage);
    },
    expire() {
      const limitMs = clock.nowMs() - options.reservationMs;
      let count = 0;
      for (const [, reservation] of live) {
        if (reservation.admittedMs > limitMs) break;
        live.take(reservation.serial);
        freeReservation(reservation, 'expired');
        count += 1;
      }
      return count;
    },
    open: () => live.size,
  };
}

interface Ask {
  readonly principal: Principal;
  readonly requestedModel: string;
  readonly endUser: string | undefined;
  readonly tags: readonly string[] | undefined;
  readonly amounts: QuotaAmounts;
}

function dearest(prices: PriceBook, request: AdmitRequest, nowMs: number): number | null {
  let cost: number | null = null;
  for (const query of request.prices) {
    const { costNanoUsd } = prices.priceOf(request.estimate, query, nowMs);
    if (costNanoUsd !== null && (cost === null || costNanoUsd > cost)) cost = costNanoUsd;
  }
  return cost;
}

/** A charge counts where its money was held; soft budgets, and hard ones that were not asked, count by the clock of the store. */
function budgetRefs(scope: Scope, model: string, { held, moment }: { held: readonly Held[]; moment: Moment }): Reservation['budgets'] {
  const budgets = scope.budgets(model);
  if (budgets.length === 0) return NONE;
  return budgets.map((budget) => ({
    budgetId: budget.id,
    windowStartMs: held.find((each) => each.quota.id === budget.id)?.bucket.startMs ?? windowAt(budget.window, moment.moneyMs).startMs,
  }));
}

const NONE: Reservation['budgets'] = Object.freeze([]);

function tagsOf(principal: Principal, tags: readonly string[] | undefined): readonly string[] | undefined {
  if (principal.tags === undefined) return tags;
  return tags === undefined ? principal.tags : [...new Set([...principal.tags, ...tags])];
}
