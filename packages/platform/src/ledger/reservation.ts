import type { Usage } from '@maru/api/records';
import type { Principal } from './principal.ts';
import { amountOf } from './quota.ts';
import { settleHold } from './quota-share.ts';
import type { Held } from './quota-shares.ts';

/** A budget that a charge counts against, in the window in which the request was admitted. */
export interface BudgetRef {
  readonly budgetId: string;
  readonly windowStartMs: number;
}

/** A place in the queue and a share of the budgets, held until it is settled, released or too old. Only the ledger changes it. */
export interface Reservation {
  /** Counts up. */
  readonly serial: number;
  readonly principal: Principal;
  readonly requestedModel: string;
  readonly admittedMs: number;
  readonly endUser: string | undefined;
  readonly tags: readonly string[] | undefined;
  /** Null when no price was known; then the budgets were not asked. */
  readonly estimateNanoUsd: number | null;
  /** `x-ratelimit-*` for the answer; empty without limits. */
  readonly headers: Readonly<Record<string, string>>;
  readonly held: readonly Held[];
  readonly budgets: readonly BudgetRef[];
  /** Ids under which the spend is summed. */
  readonly accounts: readonly string[];
  /** `settling` while its charge is written. */
  state: 'open' | 'settling' | 'settled' | 'released' | 'expired';
}

/**
 * Gives back what the reservation holds in memory, once: money and places whole, tokens but for those that were used (all that
 * was estimated, where nobody says), requests never.
 */
export function freeReservation(reservation: Reservation, state: 'settled' | 'released' | 'expired', usage?: Usage): void {
  if (reservation.state === 'open' || reservation.state === 'settling')
    for (const each of reservation.held) settleHold(each.share, each.bucket, { held: each.amount, used: keptOf(each, state, usage) });
  reservation.state = state;
}

function keptOf({ quota, amount }: Held, state: 'settled' | 'released' | 'expired', usage: Usage | undefined): number {
  switch (quota.unit) {
    case 'nano-usd':
    case 'concurrent':
      return 0;
    case 'requests':
      return amount;
    default:
      if (state === 'released') return 0;
      return usage === undefined ? amount : amountOf(quota.unit, { costNanoUsd: null, usage });
  }
}
