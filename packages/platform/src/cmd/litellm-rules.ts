import { type LitellmRules, NO_RULES } from '#resources';

/** The rules of the LiteLLM configuration that is in force. */
export interface RulesInForce {
  read(): LitellmRules;
  set(rules: LitellmRules | undefined): void;
}

/** `onSet` is called when rules have taken force. */
export function createRulesInForce(onSet: () => void): RulesInForce {
  let rules = NO_RULES;
  return {
    read: () => rules,
    set: (next) => {
      rules = next ?? NO_RULES;
      onSet();
    },
  };
}
