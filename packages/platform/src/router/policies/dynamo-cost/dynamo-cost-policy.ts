import type { Candidate, Choice, Policy } from '../../policy/policy.ts';
import { type DynamoOptions, dynamoTerms } from './dynamo-cost.ts';

/** The cost function of the KV router of NVIDIA Dynamo, in blocks: prefill to do less cache credit, plus decode load. */
export function createDynamoCostPolicy(options: DynamoOptions = {}, variant: 'cost' | 'lmetric' = 'cost'): Policy {
  const name = variant === 'cost' ? 'dynamo-cost' : 'dynamo-lmetric';
  const requestWeight = options.requestWeight ?? 0;
  return {
    name,
    reads: ['prefix', 'active-prefill', 'active-blocks', 'in-flight'],
    choose: (request, candidates, random): Choice => {
      const terms = dynamoTerms(request, candidates, options);
      const costs = terms.map(({ prefillBlocks, decodeBlocks }, place) =>
        variant === 'lmetric'
          ? prefillBlocks * (decodeBlocks + 1)
          : (options.prefillScale ?? 1) * prefillBlocks + decodeBlocks + requestWeight * (candidates[place]?.inFlight ?? 0),
      );
      const index = pickByCost(costs, options.temperature ?? 0, random);
      const totals = nearest(costs);
      return { index, scores: new Map([[name, totals]]), totals, why: reason(candidates[index], terms[index]) };
    },
  };
}

/** The cheapest, equal ones by chance; with a temperature by softmax over costs from 0 (least) to 1 (most). */
export function pickByCost(costs: readonly number[], temperature: number, random: () => number): number {
  const least = Math.min(...costs);
  const spread = Math.max(...costs) - least;
  const scale = spread * temperature;
  const weights = costs.map((cost) => (scale > 0 ? Math.exp((least - cost) / scale) : cost === least ? 1 : 0));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (weight > 0 && left < 0) return index;
  }
  return weights.lastIndexOf(Math.max(...weights));
}

/** As scores from 0 to 1, the cheapest highest. */
function nearest(costs: readonly number[]): number[] {
  const least = Math.min(...costs);
  return costs.map((cost) => (1 + least) / (1 + cost));
}

const reason = (chosen: Candidate | undefined, terms: { prefillBlocks: number; decodeBlocks: number } | undefined): string =>
  `least blocks: ${Math.round(terms?.prefillBlocks ?? 0)} to prefill, ${Math.round(terms?.decodeBlocks ?? 0)} active, ${chosen?.cachedTokens ?? 0} tokens cached`;
