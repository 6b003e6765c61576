import { PlatformError } from '@maru/api/errors';
import { createAibrixPrefixPolicy } from '../policies/aibrix-prefix/aibrix-prefix-policy.ts';
import { createDynamoCostPolicy } from '../policies/dynamo-cost/dynamo-cost-policy.ts';
import { createGreedyPrefixPolicy } from '../policies/greedy-prefix/greedy-prefix-policy.ts';
import { createLeastRequestPolicy } from '../policies/least-request/least-request-policy.ts';
import { createLeastWorkPolicy } from '../policies/least-work/least-work-policy.ts';
import { createLlmdPolicy } from '../policies/llm-d/llm-d-policy.ts';
import { createMaruPolicy } from '../policies/maru/maru-policy.ts';
import { createPowerOfTwoPolicy } from '../policies/power-of-two/power-of-two-policy.ts';
import { createPrefixHashPolicy } from '../policies/prefix-hash/prefix-hash-policy.ts';
import { createRandomPolicy } from '../policies/random/random-policy.ts';
import { createRoundRobinPolicy } from '../policies/round-robin/round-robin-policy.ts';
import { createSessionHashPolicy } from '../policies/session-hash/session-hash-policy.ts';
import { createSglangCacheAwarePolicy } from '../policies/sglang-cache-aware/sglang-cache-aware-policy.ts';
import { createSloHeadroomPolicy } from '../policies/slo-headroom/slo-headroom-policy.ts';
import type { CostRates } from './cost-rates.ts';
import type { Policy } from './policy.ts';

/** What some of the policies need to know. */
export interface PolicySettings {
  /** For `maru`. */
  readonly rates?: CostRates;
}

const FACTORIES: Readonly<Record<string, (settings: PolicySettings) => Policy>> = {
  maru: ({ rates }) => createMaruPolicy(rates === undefined ? {} : { rates }),
  random: createRandomPolicy,
  'round-robin': createRoundRobinPolicy,
  'least-request': () => createLeastRequestPolicy('requests'),
  'least-backlog': () => createLeastRequestPolicy('queue'),
  'power-of-two': createPowerOfTwoPolicy,
  'session-hash': createSessionHashPolicy,
  'prefix-hash': () => createPrefixHashPolicy(),
  'sglang-cache-aware': () => createSglangCacheAwarePolicy(),
  'aibrix-prefix': () => createAibrixPrefixPolicy(),
  'approximate-prefix': () => createLlmdPolicy({ precise: false }),
  'precise-prefix': () => createLlmdPolicy({ precise: true }),
  'dynamo-cost': () => createDynamoCostPolicy(),
  'dynamo-lmetric': () => createDynamoCostPolicy({}, 'lmetric'),
  'slo-headroom': ({ rates }) => createSloHeadroomPolicy(rates),
  'greedy-prefix': createGreedyPrefixPolicy,
  'least-work': createLeastWorkPolicy,
};

/** Names of all policies: those that a Route may use, and three baselines for simulation (`least-backlog`, `greedy-prefix`, `least-work`). */
export const POLICIES: readonly string[] = Object.freeze(Object.keys(FACTORIES));

/** A new policy with its own state; throws `config_invalid` with the known names. */
export function createPolicy(name: string, settings: PolicySettings = {}): Policy {
  const factory = Object.hasOwn(FACTORIES, name) ? FACTORIES[name] : undefined;
  if (factory !== undefined) return factory(settings);
  throw new PlatformError('config_invalid', {
    message: `no routing policy is called "${name}"; use one of: ${POLICIES.join(', ')}`,
    details: { policy: name },
  });
}
