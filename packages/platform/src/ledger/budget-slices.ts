import type { Clock } from '#time';
import type { Budget } from './budget.ts';
import type { BudgetAccounts } from './budget-accounts.ts';
import { type WindowSpan, windowAt } from './budget-window.ts';
import type { Turns } from './turns.ts';

/** What this process holds of one budget in one window. */
export interface Slice {
  readonly budgetId: string;
  readonly window: WindowSpan;
  /** Reserved by requests that run. */
  reservedNanoUsd: number;
  /** Charged, but not yet in the account. */
  unsettledNanoUsd: number;
  grantedNanoUsd: number;
  /** Spent of the budget by everybody, when the store was last asked. */
  spentNanoUsd: number;
  /** No new reservations after this time: they would outlive the grant. */
  usableUntilMs: number;
  lastUsedMs: number;
  acquiring: Promise<boolean> | undefined;
}

export interface BudgetSlices {
  /** The slice of the window that holds now. */
  current(budget: Budget, nowMs: number): Slice;
  /** Whether an amount can be reserved from memory. */
  fits(slice: Slice, amountNanoUsd: number, nowMs: number): boolean;
  /** Asks the store for more. False when the budget has not got that much left; true means: look again. */
  acquire(budget: Budget, slice: Slice, neededNanoUsd: number): Promise<boolean>;
  find(budgetId: string, windowStartMs: number): Slice | undefined;
  /** Makes every slice ask again before it is used: the budgets have changed. */
  invalidate(): void;
  /** Gives back the slices that nobody has used for a while, or all that are free. */
  releaseIdle(idleMs: number): Promise<void>;
}

export interface BudgetSlicesOptions {
  readonly accounts: BudgetAccounts;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly holder: string;
  /** Lifetime of a grant in the store. */
  readonly ttlMs: number;
  /** The longest that a reservation may live; a grant outlives every reservation made from it. */
  readonly reservationMs: number;
}

export function createBudgetSlices(options: BudgetSlicesOptions): BudgetSlices {
  const { accounts, clock, turns, holder } = options;
  const slices = new Map<string, Slice>();
  const keyOf = (budgetId: string, startMs: number): string => `${budgetId}@${startMs}`;
  const latest = new Map<string, Slice>();

  const start = (budget: Budget, nowMs: number): Slice => {
    const window = windowAt(budget.window, nowMs);
    const key = keyOf(budget.id, window.startMs);
    const slice: Slice = slices.get(key) ?? {
      budgetId: budget.id,
      window,
      reservedNanoUsd: 0,
      unsettledNanoUsd: 0,
      grantedNanoUsd: 0,
      spentNanoUsd: 0,
      usableUntilMs: 0,
      lastUsedMs: nowMs,
      acquiring: undefined,
    };
    slices.set(key, slice);
    latest.set(budget.id, slice);
    return slice;
  };

  const ask = (budget: Budget, slice: Slice, neededNanoUsd: number): Promise<boolean> =>
    turns.run(async () => {
      const nowMs = clock.nowMs();
      const usedNanoUsd = slice.reservedNanoUsd + slice.unsettledNanoUsd;
      const grant = await accounts.acquire({
        budgetId: slice.budgetId,
        windowStartMs: slice.window.startMs,
        holder,
        capNanoUsd: budget.capNanoUsd,
        usedNanoUsd,
        heldNanoUsd: slice.grantedNanoUsd,
        neededNanoUsd,
        nowMs,
        expiresMs: nowMs + options.ttlMs,
      });
      slice.grantedNanoUsd = grant.grantedNanoUsd;
      slice.spentNanoUsd = grant.spentNanoUsd;
      slice.usableUntilMs = nowMs + options.ttlMs - options.reservationMs;
      return grant.grantedNanoUsd - usedNanoUsd >= neededNanoUsd;
    });

  return {
    current(budget, nowMs) {
      const slice = latest.get(budget.id);
      if (slice === undefined || nowMs < slice.window.startMs || nowMs >= (slice.window.endMs ?? Number.POSITIVE_INFINITY)) return start(budget, nowMs);
      return slice;
    },
    fits: (slice, amount, nowMs) =>
      slice.acquiring === undefined && nowMs < slice.usableUntilMs && slice.reservedNanoUsd + slice.unsettledNanoUsd + amount <= slice.grantedNanoUsd,
    acquire(budget, slice, neededNanoUsd) {
      // The answer to somebody else's question is no refusal of this one.
      if (slice.acquiring !== undefined) return slice.acquiring.then(() => true);
      slice.acquiring = ask(budget, slice, neededNanoUsd).finally(() => {
        slice.acquiring = undefined;
      });
      return slice.acquiring;
    },
    find: (budgetId, windowStartMs) => slices.get(keyOf(budgetId, windowStartMs)),
    invalidate() {
      for (const slice of slices.values()) slice.usableUntilMs = 0;
    },
    async releaseIdle(idleMs) {
      const nowMs = clock.nowMs();
      for (const [key, slice] of slices) {
        const free = slice.reservedNanoUsd === 0 && slice.unsettledNanoUsd === 0 && slice.acquiring === undefined;
        if (!free || nowMs - slice.lastUsedMs < idleMs) continue;
        slices.delete(key);
        if (latest.get(slice.budgetId) === slice) latest.delete(slice.budgetId);
        // A request that still has the slice in hand must ask the store again.
        slice.usableUntilMs = 0;
        await turns.run(() => accounts.release({ budgetId: slice.budgetId, windowStartMs: slice.window.startMs, holder }));
      }
    },
  };
}
