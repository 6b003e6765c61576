import { createPolicy, type Policy } from '#router';

/** Rates under which the cost of `maru` is the number of tokens to compute: backlog plus what is not cached. */
const BLOCK_RATES = { firstTokenMs: 0, prefillMsPerToken: 1, prefillMsPerPair: 0, stepMsPerRequest: 0, stepMsPerContextToken: 0, stepMs: 0, prefillHoldsUp: 0 };

/** Columns of the table of policies without a timing model, each the router's own policy. */
export const BLOCK_POLICIES = Object.freeze({
  random: 'random',
  'round robin': 'round-robin',
  'least backlog': 'least-backlog',
  'greedy longest prefix': 'greedy-prefix',
  'cost (backlog + uncached)': 'least-work',
  maru: 'maru',
});

export const createBlockPolicy = (name: string): Policy => createPolicy(name, { rates: BLOCK_RATES });
