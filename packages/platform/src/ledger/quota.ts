import type { Usage } from '@maru/api/records';
import { completionTokens, promptTokens } from '@maru/api/records';
import type { LimitsSpec } from '@maru/api/resources';
import type { Budget } from './budget.ts';
import { type BudgetWindow, type RollingWindow, rollingOf, type WindowSpan, windowAt } from './budget-window.ts';

export type QuotaUnit = 'nano-usd' | 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'concurrent';

/** Something that is shared by all replicas: money per window, requests or tokens per minute, requests at once. */
export interface Quota {
  /** The same in every process and after every restart. */
  readonly id: string;
  readonly unit: QuotaUnit;
  readonly cap: number;
  /** Undefined for requests at once: those count while they run. */
  readonly window: BudgetWindow | undefined;
  /** How the window rolls, where it does. */
  readonly rolling: RollingWindow | undefined;
  /** For messages: `key "ci" (key_1)`. */
  readonly owner: string;
  readonly budget?: Budget;
}

/** A minute of a rate: the second of now and the 59 before it, by the clock of the store. */
const RATE_WINDOW: BudgetWindow = '1m';
const MINUTE = rollingOf(RATE_WINDOW);
const RATE = { window: RATE_WINDOW, rolling: MINUTE };
const RUNNING = { window: undefined, rolling: undefined };
const UNITS = [
  ['requestsPerMinute', 'requests'],
  ['tokensPerMinute', 'tokens'],
  ['inputTokensPerMinute', 'input-tokens'],
  ['outputTokensPerMinute', 'output-tokens'],
  ['concurrentRequests', 'concurrent'],
] as const;

/** The quotas of an owner's limits, for one model where `model` is a pattern. */
export function limitQuotas(owner: { readonly id: string; readonly name: string }, limits: Omit<LimitsSpec, 'perModel'>, model?: string): readonly Quota[] {
  const suffix = model === undefined ? '' : `/model=${model}`;
  return UNITS.flatMap(([field, unit]) => {
    const cap = limits[field];
    if (cap === undefined) return [];
    const name = model === undefined ? owner.name : `${owner.name} for the model "${model}"`;
    return [{ id: `rate/${owner.id}${suffix}/${unit}`, unit, cap, owner: name, ...(unit === 'concurrent' ? RUNNING : RATE) }];
  });
}

export const budgetQuota = (budget: Budget): Quota => ({
  id: budget.id,
  unit: 'nano-usd',
  cap: budget.capNanoUsd,
  window: budget.window,
  rolling: rollingOf(budget.window),
  owner: `${budget.scope} "${budget.owner}"`,
  budget,
});

const ALWAYS: WindowSpan = { startMs: 0, endMs: undefined };

/** Where the share of a process stands: in its calendar window; for windows that roll and for requests at once it stands for ever. */
export const shareSpan = (quota: Quota, storeNowMs: number): WindowSpan =>
  quota.window === undefined || quota.rolling !== undefined ? ALWAYS : windowAt(quota.window, storeNowMs);

/** The amounts of one request. */
export interface QuotaAmounts {
  /** Null when no price is known: budgets are not asked then. */
  readonly costNanoUsd: number | null;
  readonly usage: Usage;
}

export function amountOf(unit: QuotaUnit, { costNanoUsd, usage }: QuotaAmounts): number {
  switch (unit) {
    case 'nano-usd':
      return costNanoUsd ?? 0;
    case 'requests':
    case 'concurrent':
      return 1;
    case 'tokens':
      return promptTokens(usage) + completionTokens(usage);
    case 'input-tokens':
      return promptTokens(usage);
    case 'output-tokens':
      return completionTokens(usage);
  }
}
