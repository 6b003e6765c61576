import type { Store } from '#store';
import type { Budget } from './budget.ts';
import { windowAt } from './budget-window.ts';

/** How a budget stands in its window of now. */
export interface BudgetState {
  readonly id: string;
  readonly scope: Budget['scope'];
  /** Name of the tenant, end user or tag, or id of the key. */
  readonly owner: string;
  readonly window: Budget['window'];
  readonly mode: Budget['mode'];
  readonly limitNanoUsd: number;
  /** Settled. */
  readonly spentNanoUsd: number;
  /** Held by processes: reserved, charged but not settled, or not used yet. */
  readonly leasedNanoUsd: number;
  readonly startMs: number;
  /** Null for a budget that never resets. */
  readonly resetMs: number | null;
  readonly warnAtPercent: number;
  readonly state: 'ok' | 'warning' | 'exhausted';
}

export async function readBudgetStates(store: Store, budgets: readonly Budget[], nowMs: number): Promise<readonly BudgetState[]> {
  if (budgets.length === 0) return [];
  const accounts = await store.db.selectFrom('budget_account').select(['budget_id', 'window_start_ms', 'spent_nano']).execute();
  const slices = await store.db
    .selectFrom('budget_slice')
    .select(['budget_id', 'window_start_ms'])
    .select((eb) => eb.fn.sum<number>('granted_nano').as('granted'))
    .where('expires_ms', '>', nowMs)
    .groupBy(['budget_id', 'window_start_ms'])
    .execute();
  const spent = new Map(accounts.map((row) => [`${row.budget_id}@${row.window_start_ms}`, row.spent_nano]));
  const leased = new Map(slices.map((row) => [`${row.budget_id}@${row.window_start_ms}`, row.granted]));
  return budgets.map((budget) => {
    const { startMs, endMs } = windowAt(budget.window, nowMs);
    const key = `${budget.id}@${startMs}`;
    return toState(budget, { spentNanoUsd: spent.get(key) ?? 0, leasedNanoUsd: leased.get(key) ?? 0, startMs, resetMs: endMs ?? null });
  });
}

function toState(budget: Budget, now: Pick<BudgetState, 'spentNanoUsd' | 'leasedNanoUsd' | 'startMs' | 'resetMs'>): BudgetState {
  const { id, scope, owner, window, mode, capNanoUsd, warnAtPercent } = budget;
  const warns = now.spentNanoUsd >= (capNanoUsd * warnAtPercent) / 100;
  const state = now.spentNanoUsd >= capNanoUsd ? 'exhausted' : warns ? 'warning' : 'ok';
  return { id, scope, owner, window, mode, limitNanoUsd: capNanoUsd, ...now, warnAtPercent, state };
}
