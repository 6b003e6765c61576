import { toBudget, toEffort } from '../canonical/reasoning-budget.ts';
import type { CanonicalRequest, ReasoningEffort, ReasoningSettings } from '../canonical/request.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';

/** Least budget that Anthropic takes. */
const MIN_BUDGET = 1024;
/** Room for reasoning whose amount the model decides. */
const ADAPTIVE_ROOM = 12_288;
/** Models of Anthropic that take a budget in tokens; the later ones decide the amount themselves, after an effort. */
const TAKES_BUDGET = /claude-(?:[23]|instant|(?:opus|sonnet|haiku)-4(?:[-.][015](?!\d))?(?![-.]?\d{1,2}(?!\d)))/i;

export interface EncodedThinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
  /** The model will reason, which forbids other settings. */
  readonly active: boolean;
  /** What reasoning needs above the room of the answer, in tokens. */
  readonly reservedTokens: number;
}

/** The settings `thinking` and `effort`. A model outside of the Claude family behind the same API takes a budget. */
export function encodeThinking(request: CanonicalRequest, drops: DropList): EncodedThinking {
  const { reasoning, maxTokens } = request;
  if (reasoning === undefined) return { active: false, reservedTokens: 0 };
  if (toBudget(reasoning) === 0) return { thinking: { type: 'disabled' }, active: false, reservedTokens: 0 };
  if (takesBudget(request.model) && reasoning.mode !== 'adaptive') return encodeBudget(reasoning, maxTokens, drops);
  const effort = toEffort(reasoning);
  const display = reasoning.summary === undefined ? {} : { display: reasoning.summary === 'none' ? 'omitted' : 'summarized' };
  return {
    thinking: { type: 'adaptive', ...display },
    ...(effort === undefined ? {} : { effort: toAnthropicEffort(effort) }),
    active: true,
    reservedTokens: ADAPTIVE_ROOM,
  };
}

const takesBudget = (model: string): boolean => !/claude/i.test(model) || TAKES_BUDGET.test(model);

const toAnthropicEffort = (effort: ReasoningEffort): string => (effort === 'minimal' || effort === 'none' ? 'low' : effort);

function encodeBudget(reasoning: ReasoningSettings, maxTokens: number | undefined, drops: DropList): EncodedThinking {
  const wanted = toBudget(reasoning);
  if (wanted === undefined && reasoning.mode === undefined) return { active: false, reservedTokens: 0 };
  const budget = Math.max(MIN_BUDGET, wanted ?? MIN_BUDGET);
  if (maxTokens === undefined) return { thinking: { type: 'enabled', budget_tokens: budget }, active: true, reservedTokens: budget };
  if (maxTokens <= MIN_BUDGET) {
    drops.hint('reasoning', `the limit of ${maxTokens} tokens leaves no room for reasoning, which needs ${MIN_BUDGET}`);
    return { active: false, reservedTokens: 0 };
  }
  if (budget >= maxTokens) drops.hint('reasoning', `the budget for reasoning was cut to fit the limit of ${maxTokens} tokens`);
  return { thinking: { type: 'enabled', budget_tokens: Math.min(budget, maxTokens - 1) }, active: true, reservedTokens: 0 };
}
