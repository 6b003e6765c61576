import { PlatformError } from '@maru/api/errors';
import { createGreedyPrefixPolicy } from '../policies/greedy-prefix/greedy-prefix-policy.ts';
import { createLeastRequestPolicy } from '../policies/least-request/least-request-policy.ts';
import type { CostRates } from '../policies/maru/completion-cost.ts';
import { createMaruPolicy } from '../policies/maru/maru-policy.ts';
import { createPrecisePrefixPolicy } from '../policies/precise-prefix/precise-prefix-policy.ts';
import { createPrefixHashPolicy } from '../policies/prefix-hash/prefix-hash-policy.ts';
import { createRandomPolicy } from '../policies/random/random-policy.ts';
import { createRoundRobinPolicy } from '../policies/round-robin/round-robin-policy.ts';
import { createSessionHashPolicy } from '../policies/session-hash/session-hash-policy.ts';
import { createSglangCacheAwarePolicy } from '../policies/sglang-cache-aware/sglang-cache-aware-policy.ts';
import type { Policy } from './policy.ts';

/** What some of the policies need to know. */
export interface PolicySettings {
  /** For `maru`. */
  readonly rates?: CostRates;
}

const FACTORIES: Readonly<Record<string, (settings: PolicySettings) => Policy>> = {
  maru: (settings) => createMaruPolicy(settings.rates),
  random: createRandomPolicy,
  'round-robin': createRoundRobinPolicy,
  'least-request': () => createLeastRequestPolicy('requests'),
  'least-backlog': () => createLeastRequestPolicy('queue'),
  'session-hash': createSessionHashPolicy,
  'prefix-hash': () => createPrefixHashPolicy(),
  'sglang-cache-aware': () => createSglangCacheAwarePolicy(),
  'precise-prefix': () => createPrecisePrefixPolicy(),
  'greedy-prefix': createGreedyPrefixPolicy,
};

/** Names of all policies: those that a Route may use, and two baselines for simulation (`least-backlog`, `greedy-prefix`). */
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
