import type { Candidate, Choice, Picker, Policy, PolicyRequest, Scorer } from './policy.ts';

export interface PolicyParts {
  readonly name: string;
  readonly scorers: readonly { readonly scorer: Scorer; readonly weight: number }[];
  readonly picker: Picker;
  /** Half a sentence for a person about the candidate that was taken. */
  readonly explain: (chosen: Candidate, request: PolicyRequest) => string;
}

/** Score, add by weight, pick. */
export function composePolicy(parts: PolicyParts): Policy {
  const weights = parts.scorers.reduce((sum, { weight }) => sum + weight, 0);
  return {
    name: parts.name,
    reads: [...new Set(parts.scorers.flatMap(({ scorer }) => scorer.reads))],
    choose: (request, candidates, random): Choice => {
      const scores = new Map<string, readonly number[]>();
      const totals = new Array<number>(candidates.length).fill(0);
      for (const { scorer, weight } of parts.scorers) {
        const values = scorer.score(request, candidates);
        scores.set(scorer.name, values);
        for (let index = 0; index < totals.length; index += 1) totals[index] = (totals[index] ?? 0) + ((values[index] ?? 0) * weight) / weights;
      }
      const index = parts.picker.pick(totals, candidates, random);
      const chosen = candidates[index];
      return { index, scores, totals, why: chosen === undefined ? '' : parts.explain(chosen, request) };
    },
  };
}
