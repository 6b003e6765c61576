import type { ReasoningEffort, ReasoningSettings } from './request.ts';

/** Tokens that an effort stands for where a vendor takes a budget; the figures of Google's OpenAI-compatible API, continued upward. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = Object.freeze({
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
});

/** The effort of the settings; undefined leaves it to the vendor. */
export function toEffort(settings: ReasoningSettings): ReasoningEffort | undefined {
  if (settings.mode === 'off') return 'none';
  if (settings.effort !== undefined) return settings.effort;
  const { budgetTokens } = settings;
  if (budgetTokens === undefined) return undefined;
  if (budgetTokens <= 0) return 'none';
  if (budgetTokens <= BUDGETS.low) return 'low';
  return budgetTokens <= BUDGETS.medium ? 'medium' : 'high';
}

/** The budget of the settings in tokens, 0 for none; undefined leaves it to the vendor. */
export function toBudget(settings: ReasoningSettings): number | undefined {
  if (settings.mode === 'off' || settings.effort === 'none') return 0;
  if (settings.budgetTokens !== undefined) return settings.budgetTokens;
  return settings.effort === undefined ? undefined : BUDGETS[settings.effort];
}
