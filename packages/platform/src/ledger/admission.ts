import { PlatformError } from '@maru/api/errors';
import { completionTokens, nanoToUsd, promptTokens, type Usage } from '@maru/api/records';
import type { Clock } from '#time';
import type { Budget } from './budget.ts';
import type { BudgetSlices, Slice } from './budget-slices.ts';
import { windowAt } from './budget-window.ts';
import type { PriceBook, PriceQuery } from './price-book.ts';
import type { Principal } from './principal.ts';
import { freeReservation, type Reservation } from './reservation.ts';
import type { TenantNode } from './tenant-tree.ts';
import type { Tenants } from './tenants.ts';

export interface AdmitRequest {
  /** The public name that the client asked for. */
  readonly requestedModel: string;
  /** The most that the request can use; budgets hold exactly as long as this is no less than what is settled. */
  readonly estimate: Usage;
  /** Every model that may answer: the dearest is reserved. */
  readonly prices: readonly PriceQuery[];
}

export interface Admission {
  /**
   * Checks model, rates and budgets, and holds a share of them. From memory, except when a budget has to be asked for more.
   * Throws `model_not_allowed`, `rate_limited` (with `retryAfterS`), `quota_exceeded` or `forbidden`, and then holds nothing.
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
  readonly tenants: Tenants;
  readonly slices: BudgetSlices;
  readonly prices: PriceBook;
  readonly clock: Clock;
  readonly reservationMs: number;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { tenants, slices, prices, clock } = options;
  // A set keeps its order, and every reservation lives equally long: the first is always the oldest.
  const live = new Set<Reservation>();

  const tryAdmit = (principal: Principal, ask: Ask): Reservation | Budget => {
    const chain = tenants.chain(principal);
    checkModel(principal, chain, ask.requestedModel);
    const limiters = tenants.limiters(principal, chain);
    const nowMs = clock.nowMs();
    const tickMs = clock.monotonicMs();
    for (const limiter of limiters) limiter.check(ask.tokens, tickMs);
    const cost = ask.costNanoUsd ?? 0;
    const budgets = tenants.budgets(principal, chain);
    const held: Slice[] = [];
    for (const budget of budgets) {
      if (budget.mode === 'soft' || ask.costNanoUsd === null) continue;
      const slice = slices.current(budget, nowMs);
      if (!slices.fits(slice, cost, nowMs)) return budget;
      held.push(slice);
    }
    for (const slice of held) {
      slice.reservedNanoUsd += cost;
      slice.lastUsedMs = nowMs;
    }
    const reservation: Reservation = {
      principal,
      requestedModel: ask.requestedModel,
      admittedMs: nowMs,
      estimateNanoUsd: ask.costNanoUsd,
      slices: held,
      budgets: budgets.map((budget) => ({ budgetId: budget.id, windowStartMs: windowAt(budget.window, nowMs).startMs })),
      limiters: limiters.map((limiter) => limiter.take(ask.tokens, tickMs)),
      headers: limiters[0]?.headers(tickMs) ?? {},
      state: 'open',
    };
    live.add(reservation);
    return reservation;
  };

  const admitSlowly = async (principal: Principal, ask: Ask, first: Budget): Promise<Reservation> => {
    for (let budget = first; ; ) {
      const slice = slices.current(budget, clock.nowMs());
      if (!(await slices.acquire(budget, slice, ask.costNanoUsd ?? 0)))
        throw quotaExceeded(budget, slice, { costNanoUsd: ask.costNanoUsd ?? 0, nowMs: clock.nowMs() });
      const result = tryAdmit(principal, ask);
      if (!isBudget(result)) return result;
      budget = result;
    }
  };

  return {
    admit(principal, request) {
      const ask: Ask = {
        requestedModel: request.requestedModel,
        tokens: promptTokens(request.estimate) + completionTokens(request.estimate),
        costNanoUsd: dearest(prices, request, clock.nowMs()),
      };
      const result = tryAdmit(principal, ask);
      return isBudget(result) ? admitSlowly(principal, ask, result) : result;
    },
    release(reservation) {
      if (reservation.state !== 'open') return;
      live.delete(reservation);
      freeReservation(reservation, 'released');
    },
    finish(reservation, usage) {
      live.delete(reservation);
      freeReservation(reservation, 'settled', promptTokens(usage) + completionTokens(usage));
    },
    expire() {
      const limitMs = clock.nowMs() - options.reservationMs;
      let count = 0;
      for (const reservation of live) {
        if (reservation.admittedMs > limitMs) break;
        live.delete(reservation);
        freeReservation(reservation, 'expired');
        count += 1;
      }
      return count;
    },
    open: () => live.size,
  };
}

interface Ask {
  readonly requestedModel: string;
  readonly tokens: number;
  readonly costNanoUsd: number | null;
}

const isBudget = (result: Reservation | Budget): result is Budget => 'capNanoUsd' in result;

function dearest(prices: PriceBook, request: AdmitRequest, nowMs: number): number | null {
  let cost: number | null = null;
  for (const query of request.prices) {
    const { costNanoUsd } = prices.priceOf(request.estimate, query, nowMs);
    if (costNanoUsd !== null && (cost === null || costNanoUsd > cost)) cost = costNanoUsd;
  }
  return cost;
}

function checkModel(principal: Principal, chain: readonly TenantNode[], model: string): void {
  if (principal.admin) return;
  if (principal.models !== undefined && !principal.models.includes(model))
    throw new PlatformError('model_not_allowed', { message: `the key "${principal.name}" does not allow the model "${model}"` });
  for (const tenant of chain)
    if (tenant.models !== undefined && !tenant.models.has(model))
      throw new PlatformError('model_not_allowed', { message: `the tenant "${tenant.name}" does not allow the model "${model}"` });
}

function quotaExceeded(budget: Budget, slice: Slice, now: { costNanoUsd: number; nowMs: number }): PlatformError {
  const spentNanoUsd = slice.spentNanoUsd + slice.unsettledNanoUsd;
  const resetMs = slice.window.endMs;
  const reset = resetMs === undefined ? 'it does not reset' : `it resets at ${new Date(resetMs).toISOString()}`;
  return new PlatformError('quota_exceeded', {
    message:
      `the budget of ${budget.scope} "${budget.owner}" per ${budget.window} has $${dollars(spentNanoUsd)} spent and $${dollars(slice.reservedNanoUsd)} reserved ` +
      `of $${dollars(budget.capNanoUsd)}, and the request may cost $${dollars(now.costNanoUsd)}; ${reset}`,
    details: {
      budget: budget.id,
      spentNanoUsd,
      reservedNanoUsd: slice.reservedNanoUsd,
      limitNanoUsd: budget.capNanoUsd,
      estimateNanoUsd: now.costNanoUsd,
      resetMs: resetMs ?? null,
    },
    ...(resetMs === undefined ? {} : { retryAfterS: Math.max(1, Math.ceil((resetMs - now.nowMs) / 1000)) }),
  });
}

const dollars = (nano: number): string => nanoToUsd(nano).toFixed(nano % 10_000_000 === 0 ? 2 : 6);
