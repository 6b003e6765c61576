import type { Account } from './account.ts';
import { accountBudgets, accountLimits } from './account-quotas.ts';
import type { Budget } from './budget.ts';
import { type BudgetState, readBudgetStates } from './budget-states.ts';
import { namedMembers } from './members.ts';
import type { Quota } from './quota.ts';
import type { QuotaKeepers } from './quota-keepers.ts';
import { readQuotaStates } from './quota-states.ts';

/** How a limit stands now. */
export interface LimitState {
  readonly unit: Exclude<Quota['unit'], 'nano-usd'>;
  /** Name or pattern of the models whose requests count; undefined for all. */
  readonly model: string | undefined;
  readonly limit: number;
  /** Used in the last minute, as far as processes have reported it. */
  readonly used: number;
  /** Held by processes: running, used but not reported, or free for requests to come. */
  readonly held: number;
}

export interface AccountState {
  readonly account: Account;
  readonly budgets: readonly BudgetState[];
  readonly limits: readonly LimitState[];
}

/** Its own, and those of members that are named. */
const budgetsWithin = (account: Account): readonly Budget[] => [...accountBudgets(account), ...namedMembers(account).flatMap((member) => member.budgets)];

/** How the budgets and limits of accounts stand, over all processes. */
export async function readAccountStates({ money, rates }: QuotaKeepers, accounts: readonly Account[]): Promise<readonly AccountState[]> {
  const budgets = new Map((await readBudgetStates(money.store, accounts.flatMap(budgetsWithin))).map((state) => [state.id, state]));
  const quotas = await readQuotaStates(
    rates.store,
    accounts.flatMap((account) => accountLimits(account).flatMap((group) => group.quotas)),
  );
  const limits = new Map(quotas.map((state) => [state.quota.id, state]));
  return accounts.map((account) => ({
    account,
    budgets: budgetsWithin(account).flatMap(({ id }) => budgets.get(id) ?? []),
    limits: accountLimits(account).flatMap(({ model, quotas: own }) =>
      own.flatMap(({ id, unit, cap }): readonly LimitState[] => {
        const state = limits.get(id);
        return state === undefined || unit === 'nano-usd' ? [] : [{ unit, model, limit: cap, used: state.used, held: state.held }];
      }),
    ),
  }));
}
