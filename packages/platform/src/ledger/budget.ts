import { usdToNano } from '@maru/api/records';
import type { BudgetSpec } from '@maru/api/resources';
import type { BudgetWindow } from './budget-window.ts';

export type BudgetScope = 'tenant' | 'member' | 'key' | 'end-user' | 'tag';

/** Money that a key, a tenant, a user within one, an end user or a tag may spend per window. */
export interface Budget {
  /** The same in every process and after every restart: `tenant/research/month`. */
  readonly id: string;
  readonly scope: BudgetScope;
  /** Name of the tenant, member, end user or tag, or id of the key. */
  readonly owner: string;
  readonly window: BudgetWindow;
  readonly mode: 'hard' | 'soft';
  readonly capNanoUsd: number;
  readonly warnAtPercent: number;
  /** Patterns of the models whose requests count; all where absent. */
  readonly models?: readonly string[];
}

/** Budgets of one owner. Of two that differ only in their amount, the smaller one is the one that binds. */
export function budgetsOf(scope: BudgetScope, of: string | { readonly id: string; readonly name: string }, specs: readonly BudgetSpec[]): readonly Budget[] {
  const { id: ownerId, name: owner } = typeof of === 'string' ? { id: of, name: of } : of;
  const budgets = new Map<string, Budget>();
  for (const { usd, window, mode, warnAtPercent, models } of specs) {
    const id = `${scope}/${ownerId}/${window}${mode === 'soft' ? '/soft' : ''}${models === undefined ? '' : `/models=${[...models].sort().join(',')}`}`;
    const capNanoUsd = usdToNano(usd);
    if (capNanoUsd >= (budgets.get(id)?.capNanoUsd ?? Number.POSITIVE_INFINITY)) continue;
    budgets.set(id, { id, scope, owner, window, mode, capNanoUsd, warnAtPercent, ...(models === undefined ? {} : { models }) });
  }
  return [...budgets.values()];
}
