import type { Store } from '#store';
import type { Budget } from './budget.ts';
import { rollingOf, windowAt } from './budget-window.ts';
import { counts } from './quota-store.ts';

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
  /** Null for a budget that never resets, and for one whose window rolls. */
  readonly resetMs: number | null;
  readonly warnAtPercent: number;
  readonly state: 'ok' | 'warning' | 'exhausted';
}

export async function readBudgetStates(store: Store, budgets: readonly Budget[], nowMs: number): Promise<readonly BudgetState[]> {
  if (budgets.length === 0) return [];
  const spent = await store.db.selectFrom('quota_spent').selectAll().where('quota_id', 'not like', 'rate/%').execute();
  const shares = await store.db
    .selectFrom('quota_slice')
    .select(['quota_id', 'start_ms'])
    .select((eb) => eb.fn.sum<number>('granted').as('granted'))
    .where('expires_ms', '>', nowMs)
    .where('quota_id', 'not like', 'rate/%')
    .groupBy(['quota_id', 'start_ms'])
    .execute();
  const spentOf = Map.groupBy(spent, (row) => row.quota_id);
  const leased = new Map(shares.map((row) => [`${row.quota_id}@${row.start_ms}`, row.granted]));
  return budgets.map((budget) => {
    const { startMs, endMs } = windowAt(budget.window, nowMs);
    const rolling = rollingOf(budget.window);
    const rows = (spentOf.get(budget.id) ?? []).filter((row) => (rolling === undefined ? row.start_ms === startMs : counts({ rolling }, row.start_ms, nowMs)));
    return toState(budget, {
      spentNanoUsd: rows.reduce((sum, row) => sum + row.spent, 0),
      leasedNanoUsd: leased.get(`${budget.id}@${rolling === undefined ? startMs : 0}`) ?? 0,
      // A window that rolls is the one that ends with the step of now, and never resets as a whole.
      startMs: rolling === undefined ? startMs : startMs - (rolling.steps - 1) * rolling.stepMs,
      resetMs: rolling === undefined ? (endMs ?? null) : null,
    });
  });
}

function toState(budget: Budget, now: Pick<BudgetState, 'spentNanoUsd' | 'leasedNanoUsd' | 'startMs' | 'resetMs'>): BudgetState {
  const { id, scope, owner, window, mode, capNanoUsd, warnAtPercent } = budget;
  const warns = now.spentNanoUsd >= (capNanoUsd * warnAtPercent) / 100;
  const state = now.spentNanoUsd >= capNanoUsd ? 'exhausted' : warns ? 'warning' : 'ok';
  return { id, scope, owner, window, mode, limitNanoUsd: capNanoUsd, ...now, warnAtPercent, state };
}
