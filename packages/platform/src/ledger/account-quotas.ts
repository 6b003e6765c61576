import type { LimitsSpec } from '@maru/api/resources';
import type { Account } from './account.ts';
import { type Budget, type BudgetScope, budgetsOf } from './budget.ts';
import { limitQuotas, type Quota } from './quota.ts';

/** End users and tags stand beside the tree and have names of their own; everything else is a tenant. */
const scopeOf = ({ level }: Account): BudgetScope => (level === 'end-user' || level === 'tag' ? level : 'tenant');

/** For messages: `tenant "research"`. */
export const accountTitle = (account: Account): string => `${scopeOf(account).replace('-', ' ')} "${account.name}"`;

/** Begins the ids of the limits of an account. */
export const accountQuotaId = (account: Account): string => (scopeOf(account) === 'tenant' ? `tenant/${account.id}` : account.id);

export const accountBudgets = (account: Account): readonly Budget[] => budgetsOf(scopeOf(account), account.name, account.spec.budgets);

/** Quotas that hold for some requests of an owner. */
export interface LimitGroup {
  /** Name or pattern of the models whose requests count; undefined for all. */
  readonly model: string | undefined;
  readonly quotas: readonly Quota[];
}

export function limitGroups(owner: { readonly id: string; readonly name: string }, { perModel, ...all }: LimitsSpec): readonly LimitGroup[] {
  return [
    { model: undefined, quotas: limitQuotas(owner, all) },
    ...Object.entries(perModel ?? {}).map(([model, each]) => ({ model, quotas: limitQuotas(owner, each, model) })),
  ];
}

export const accountLimits = (account: Account): readonly LimitGroup[] =>
  account.spec.limits === undefined ? [] : limitGroups({ id: accountQuotaId(account), name: accountTitle(account) }, account.spec.limits);
