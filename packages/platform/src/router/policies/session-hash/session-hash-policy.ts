import { composePolicy } from '../../policy/compose-policy.ts';
import { maxScorePicker } from '../../policy/pickers.ts';
import type { Policy, Scorer } from '../../policy/policy.ts';
import { inFlightScorer } from '../../policy/scorers.ts';
import { hashText, mixBits } from '../../prompt/block-hashes.ts';

/** Rendezvous hashing: only the sessions of an endpoint that goes move, and they come back with it. */
const sessionScorer: Scorer = {
  name: 'session',
  reads: ['session', 'in-flight'],
  score: (request, candidates) => {
    const session = request.session;
    if (session === undefined) return inFlightScorer.score(request, candidates);
    const key = hashText(session);
    return candidates.map((candidate) => mixBits(key ^ hashText(candidate.endpoint)) / 0x1_0000_0000);
  },
};

/** The same replica for the same session; requests without a session go to the one with the fewest requests. */
export const createSessionHashPolicy = (): Policy =>
  composePolicy({
    name: 'session-hash',
    scorers: [{ scorer: sessionScorer, weight: 1 }],
    picker: maxScorePicker,
    explain: (_chosen, request) => (request.session === undefined ? 'no session: fewest requests' : 'home of the session'),
  });
