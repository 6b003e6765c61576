import type { CostRates } from '../policies/maru/completion-cost.ts';
import type { Candidate, SignalKey } from '../policy/policy.ts';
import type { RouterEndpoint, RouterLoad } from '../ports.ts';
import type { PromptFacts } from '../prompt/prompt-facts.ts';
import type { EndpointState } from '../state/endpoint-state.ts';

export interface GatherContext {
  readonly facts: PromptFacts;
  readonly reads: readonly SignalKey[];
  readonly rates: CostRates;
  readonly nowMs: number;
}

export interface Gathered extends Candidate {
  /** Tokens that the index matches, before trust. */
  readonly matchedTokens: number;
}

/** Brings together what a policy reads; block hashes are only made for policies that read a prefix. */
export function gatherCandidates<E extends RouterEndpoint>(
  pairs: readonly { readonly endpoint: E; readonly state: EndpointState }[],
  context: GatherContext,
): Gathered[] {
  const precise = context.reads.includes('precise-prefix');
  const prefix = precise || context.reads.includes('prefix');
  return pairs.map(({ endpoint, state }) => {
    const load = endpoint.load();
    const exactTokens = precise || (prefix && endpoint.followed === true) ? endpoint.cachedTokens?.(context.facts) : undefined;
    const matchedTokens = prefix ? Math.min(exactTokens ?? indexedTokens(state, context.facts), context.facts.promptTokens) : 0;
    const cachedTokens = exactTokens === undefined ? Math.round(matchedTokens * state.trust) : matchedTokens;
    return {
      endpoint: state.endpoint,
      inFlight: Math.max(state.inFlight, load.running + load.waiting),
      kvUse: load.kvUse ?? 0,
      contextTokens: state.contextTokens,
      kvTokens: endpoint.kvTokens ?? 0,
      queueMs: Math.max(0, state.busyUntilMs - context.nowMs) + foreignQueueMs(state, load, context),
      cachedTokens,
      matchedTokens,
      indexBlocks: state.index.size,
      slowness: state.slowness,
    };
  });
}

const indexedTokens = (state: EndpointState, facts: PromptFacts): number => state.index.match(facts.blockHashes()) * facts.blockTokens;

/** Prompts that others have queued there, taken to be as long as this one. */
function foreignQueueMs(state: EndpointState, load: RouterLoad, context: GatherContext): number {
  const foreign = Math.min(load.waiting, Math.max(0, load.running + load.waiting - state.inFlight));
  return foreign * context.facts.promptTokens * context.rates.prefillMsPerToken * state.slowness;
}
