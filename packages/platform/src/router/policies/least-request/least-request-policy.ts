import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy } from '../../policy/policy.ts';
import { inFlightScorer, queueScorer } from '../../policy/scorers.ts';

/** The replica with the fewest requests, or with the shortest predicted queue. */
export function createLeastRequestPolicy(by: 'requests' | 'queue' = 'requests'): Policy {
  return composePolicy({
    name: 'least-request',
    scorers: [{ scorer: by === 'requests' ? inFlightScorer : queueScorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (chosen) => (by === 'requests' ? `fewest requests (${chosen.inFlight})` : `shortest queue (${Math.round(chosen.queueMs)} ms)`),
  });
}
