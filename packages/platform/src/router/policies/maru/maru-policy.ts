import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy, Scorer } from '../../policy/policy.ts';
import { type CostRates, completionCost, DEFAULT_COST_RATES } from './completion-cost.ts';

/** The lowest predicted completion time; everything is in one unit, so that no weights have to be tuned. */
export function createMaruPolicy(rates: CostRates = DEFAULT_COST_RATES): Policy {
  const scorer: Scorer = {
    name: 'completion-cost',
    reads: ['queue', 'prefix', 'in-flight', 'kv-use'],
    score: (request, candidates) => {
      const costs = candidates.map((candidate) => completionCost(request, candidate, rates).totalMs);
      const least = Math.min(...costs);
      return costs.map((cost) => (1 + least) / (1 + cost));
    },
  };
  return composePolicy({
    name: 'maru',
    scorers: [{ scorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen, request) => {
      const cost = completionCost(request, chosen, rates);
      const cached = chosen.cachedTokens > 0 ? `, ${chosen.cachedTokens} of ${request.promptTokens} tokens cached` : '';
      return `soonest done: queue ${ms(cost.queueMs)}, prefill ${ms(cost.prefillMs)}, decode +${ms(cost.decodeMs)}${cached}`;
    },
  });
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
