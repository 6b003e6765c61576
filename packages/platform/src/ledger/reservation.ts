import type { Slice } from './budget-slices.ts';
import type { LimiterHold } from './limiter.ts';
import type { Principal } from './principal.ts';

/** A budget that a charge counts against, in the window in which the request was admitted. */
export interface BudgetRef {
  readonly budgetId: string;
  readonly windowStartMs: number;
}

/** A place in the queue and a share of the budgets, held until it is settled, released or too old. Only the ledger changes it. */
export interface Reservation {
  readonly principal: Principal;
  readonly requestedModel: string;
  readonly admittedMs: number;
  /** Null when no price was known; then the budgets were not asked. */
  readonly estimateNanoUsd: number | null;
  /** `x-ratelimit-*` for the answer; empty without limits. */
  readonly headers: Readonly<Record<string, string>>;
  readonly slices: readonly Slice[];
  readonly budgets: readonly BudgetRef[];
  readonly limiters: readonly LimiterHold[];
  state: 'open' | 'settled' | 'released' | 'expired';
}

/** Gives back what the reservation holds in memory, once. */
export function freeReservation(reservation: Reservation, state: 'settled' | 'released' | 'expired', tokens?: number): void {
  if (reservation.state === 'open') {
    for (const slice of reservation.slices) slice.reservedNanoUsd -= reservation.estimateNanoUsd ?? 0;
    for (const hold of reservation.limiters) hold.end(state === 'released' ? 0 : tokens);
  }
  reservation.state = state;
}
