import { toBudget } from '../canonical/reasoning-budget.ts';
import type { ReasoningEffort, ReasoningSettings } from '../canonical/request.ts';
import type { DropList } from '../drop-list.ts';
import { Fields } from '../fields.ts';
import { compact, type JsonObject } from '../json-value.ts';
import { camelKeys } from './camel-keys.ts';

const LEVELS: Readonly<Record<ReasoningEffort, string>> = {
  none: 'minimal',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};
const KNOWN = ['minimal', 'low', 'medium', 'high'] as const;

/** `thinkingConfig` as settings of reasoning. */
export function decodeThinking(value: unknown): ReasoningSettings | undefined {
  if (value === undefined) return undefined;
  const config = new Fields(camelKeys(value), 'generationConfig.thinkingConfig');
  const shown = config.boolean('includeThoughts');
  const budget = config.integer('thinkingBudget', -1);
  const level = config.string('thinkingLevel')?.toLowerCase();
  const effort = KNOWN.find((known) => known === level);
  return compact({
    mode: budget === -1 ? ('adaptive' as const) : budget === 0 ? ('off' as const) : undefined,
    effort,
    budgetTokens: budget === undefined || budget <= 0 ? undefined : budget,
    summary: shown === undefined ? undefined : shown ? ('auto' as const) : ('none' as const),
  });
}

/** `thinkingConfig` for settings: from Gemini 3 on a level, before it a budget. */
export function encodeThinking(settings: ReasoningSettings, model: string, drops: DropList): JsonObject {
  const { mode, effort, budgetTokens, summary } = settings;
  if (summary === 'concise' || summary === 'detailed') drops.hint('reasoning.summary', 'Gemini shows its thoughts or not, in one length');
  const shown = { includeThoughts: summary !== 'none' && mode !== 'off' && effort !== 'none' };
  if (hasLevels(model) && budgetTokens === undefined && effort !== undefined) {
    if (effort === 'xhigh' || effort === 'max') drops.hint('reasoning.effort', 'the highest level of Gemini is "high"');
    if (effort === 'none') drops.hint('reasoning.effort', 'this Gemini always thinks; its lowest level is "minimal"');
    return { ...shown, thinkingLevel: LEVELS[effort] };
  }
  const budget = mode === 'adaptive' && budgetTokens === undefined && effort === undefined ? -1 : toBudget(settings);
  return budget === undefined ? shown : { ...shown, thinkingBudget: budget };
}

/** Gemini 3 and later take a level of thinking, and refuse tool calls of their own turn that come back without a signature. */
export const hasLevels = (model: string): boolean => /gemini-(?:[3-9]|\d{2})(?:[.-]|$)/.test(model);
