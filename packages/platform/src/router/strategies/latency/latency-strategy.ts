import { fewestFirst, pickBetterOfTwo } from '../pick-backend.ts';
import type { BackendCandidate, Strategy } from '../strategy.ts';

/** A backend that has not answered yet counts as this quick, so that it is tried, but not by everybody at once. */
const UNKNOWN_MS = 1;

/**
 * The better of two by peak EWMA times load: a slow answer counts at once, a quick one only slowly, and each running request
 * makes the backend look as much slower. Source: Finagle's `PeakEwma` load balancer.
 */
export const latencyStrategy: Strategy = {
  name: 'latency',
  reads: ['latency', 'in-flight'],
  choose: (_request, candidates, random) => {
    const scores = fewestFirst(candidates.map(loadOf));
    const index = pickBetterOfTwo(scores, random);
    const latencyMs = candidates[index]?.latencyMs;
    return { index, scores, why: latencyMs === undefined ? 'not tried yet' : `${Math.round(latencyMs)} ms to its first token` };
  },
};

const loadOf = (candidate: BackendCandidate): number => (candidate.latencyMs ?? UNKNOWN_MS) * (candidate.inFlight + 1);
