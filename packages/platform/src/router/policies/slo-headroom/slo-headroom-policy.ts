import { composePolicy } from '../../policy/compose-policy.ts';
import { type CostRates, DEFAULT_COST_RATES, prefillMs } from '../../policy/cost-rates.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Candidate, Policy, PolicyRequest, Scorer } from '../../policy/policy.ts';

const TTFT_WEIGHT = 0.8;
const ITL_WEIGHT = 0.2;

/** Predicted headroom under the SLO, as the latency scorer of llm-d with its strategy `least`: the tightest place that still meets it. */
export function createSloHeadroomPolicy(given: CostRates = DEFAULT_COST_RATES): Policy {
  const scorer: Scorer = {
    name: 'headroom',
    reads: ['prefix', 'queue', 'in-flight', 'active-prefill'],
    score: (request, candidates) => {
      const headrooms = candidates.map((candidate) => headroom(request, candidate, candidate.rates ?? given));
      const meeting = headrooms.filter((each) => each >= 0);
      const [low, high] = meeting.length > 0 ? [Math.min(...meeting), Math.max(...meeting)] : [Math.min(...headrooms), Math.max(...headrooms)];
      const place = (each: number): number => (high === low ? 1 : (each - low) / (high - low));
      // Where none meets it, the one that misses least is taken.
      if (meeting.length === 0) return headrooms.map(place);
      return headrooms.map((each) => (each < 0 ? 0 : 1 - place(each) / 2));
    },
  };
  return composePolicy({
    name: 'slo-headroom',
    scorers: [{ scorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen, request) => {
      const left = headroom(request, chosen, chosen.rates ?? given);
      return left >= 0 ? `meets the SLO with the least headroom (${Math.round(left * 100)} %)` : `no replica meets the SLO; misses it least`;
    },
  });
}

/** What is left of the SLO as a share of it: negative where one part is missed. Without an SLO, more is better: shorter times. */
function headroom(request: PolicyRequest, candidate: Candidate, rates: CostRates): number {
  const ttftMs = rates.firstTokenMs + candidate.queueMs + prefillMs(rates, request.promptTokens, candidate.cachedTokens);
  const itlMs =
    rates.stepMs + (candidate.inFlight + 1) * rates.stepMsPerRequest + (candidate.contextTokens + request.promptTokens) * rates.stepMsPerContextToken;
  const ttft = 1 - ttftMs / (request.slo?.ttftMs ?? USUAL_TTFT_MS);
  const itl = 1 - itlMs / (request.slo?.itlMs ?? USUAL_ITL_MS);
  if (ttft < 0 || itl < 0) return Math.min(0, ttft) * TTFT_WEIGHT + Math.min(0, itl) * ITL_WEIGHT;
  return ttft * TTFT_WEIGHT + itl * ITL_WEIGHT;
}

/** For routes that promise nothing. */
const USUAL_TTFT_MS = 2000;
const USUAL_ITL_MS = 50;
