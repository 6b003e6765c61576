import { usdToNano } from '@maru/api/records';
import type { BudgetSpec } from '@maru/api/resources';
import type { BudgetWindow } from './budget-window.ts';

/** Money that a key or tenant may spend per window. */
export interface Budget {
  /** The same in every process and after every restart: `tenant/research/month`. */
  readonly id: string;
  readonly scope: 'tenant' | 'key';
  /** Name of the tenant, or id of the key. */
  readonly owner: string;
  readonly window: BudgetWindow;
  readonly mode: 'hard' | 'soft';
  readonly capNanoUsd: number;
  readonly warnAtPercent: number;
}

export function tenantBudgets(tenant: string, specs: readonly BudgetSpec[]): readonly Budget[] {
  const budgets = new Map<string, Budget>();
  for (const spec of specs) {
    const id = `tenant/${tenant}/${spec.window}${spec.mode === 'soft' ? '/soft' : ''}`;
    const capNanoUsd = usdToNano(spec.usd);
    // Of two budgets that differ only in their amount, the smaller one is the one that binds.
    if (capNanoUsd >= (budgets.get(id)?.capNanoUsd ?? Number.POSITIVE_INFINITY)) continue;
    budgets.set(id, { id, scope: 'tenant', owner: tenant, window: spec.window, mode: spec.mode, capNanoUsd, warnAtPercent: spec.warnAtPercent });
  }
  return [...budgets.values()];
}

export function keyBudget(keyId: string, capNanoUsd: number, window: BudgetWindow): Budget {
  return { id: `key/${keyId}/${window}`, scope: 'key', owner: keyId, window, mode: 'hard', capNanoUsd, warnAtPercent: 80 };
}
