import { fewestFirst, pickBetterOfTwo } from '../pick-backend.ts';
import type { BackendCandidate, Strategy, StrategyRequest } from '../strategy.ts';

/** A backend that has not answered yet counts as this quick, so that it is tried, but not by everybody at once. */
const UNKNOWN_MS = 1;

/**
 * The better of two by peak EWMA times load: a slow answer counts at once, a quick one only slowly, and each running request
 * makes the backend look as much slower. Source: Finagle's `PeakEwma` load balancer.
 */
export const latencyStrategy: Strategy = {
  name: 'latency',
  reads: ['latency', 'in-flight'],
  choose: (request, candidates, random) => {
    const measure = measureFor(request, candidates);
    const scores = fewestFirst(candidates.map((candidate) => (candidate[measure] ?? UNKNOWN_MS) * (candidate.inFlight + 1)));
    const index = pickBetterOfTwo(scores, random);
    const latencyMs = candidates[index]?.[measure];
    return { index, scores, why: latencyMs === undefined ? 'not tried yet' : `${Math.round(latencyMs)} ms ${SAID[measure]}` };
  },
};

type Measure = 'firstTokenMs' | 'answerMs';

const SAID: Readonly<Record<Measure, string>> = { firstTokenMs: 'to its first token', answerMs: 'for a whole answer' };

/** First tokens for a stream, whole answers for others, as far as any is known: the two are never compared with each other. */
function measureFor({ streams }: StrategyRequest, candidates: readonly BackendCandidate[]): Measure {
  const [own, other]: readonly [Measure, Measure] = streams ? ['firstTokenMs', 'answerMs'] : ['answerMs', 'firstTokenMs'];
  return candidates.some((candidate) => candidate[own] !== undefined) || candidates.every((candidate) => candidate[other] === undefined) ? own : other;
}
