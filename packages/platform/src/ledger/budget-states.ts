import type { Budget } from './budget.ts';
import { budgetQuota } from './quota.ts';
import { readQuotaStates } from './quota-states.ts';
import type { QuotaStore } from './quota-store.ts';

/** How a budget stands in its window of now. */
export interface BudgetState {
  readonly id: string;
  readonly scope: Budget['scope'];
  /** Name of the tenant, member, end user or tag, or id of the key. */
  readonly owner: string;
  readonly window: Budget['window'];
  readonly models: readonly string[] | undefined;
  readonly mode: Budget['mode'];
  readonly limitNanoUsd: number;
  /** Settled. */
  readonly spentNanoUsd: number;
  /** Held by processes: reserved, charged but not settled, or not used yet. */
  readonly leasedNanoUsd: number;
  readonly startMs: number;
  /** Null for a budget that never resets, and for one whose window rolls. */
  readonly resetMs: number | null;
  readonly warnAtPercent: number;
  readonly state: 'ok' | 'warning' | 'exhausted';
}

export async function readBudgetStates(store: Pick<QuotaStore, 'read'>, budgets: readonly Budget[]): Promise<readonly BudgetState[]> {
  const states = await readQuotaStates(store, budgets.map(budgetQuota));
  return states.flatMap(({ quota: { budget }, used, held, startMs, resetMs }) =>
    budget === undefined ? [] : [toState(budget, { spentNanoUsd: used, leasedNanoUsd: held, startMs, resetMs })],
  );
}

function toState(budget: Budget, now: Pick<BudgetState, 'spentNanoUsd' | 'leasedNanoUsd' | 'startMs' | 'resetMs'>): BudgetState {
  const { id, scope, owner, window, models, mode, capNanoUsd, warnAtPercent } = budget;
  const warns = now.spentNanoUsd >= (capNanoUsd * warnAtPercent) / 100;
  const state = now.spentNanoUsd >= capNanoUsd ? 'exhausted' : warns ? 'warning' : 'ok';
  return { id, scope, owner, window, models, mode, limitNanoUsd: capNanoUsd, ...now, warnAtPercent, state };
}
