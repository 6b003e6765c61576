import { type Elsewhere, type EndpointShare, NOTHING_ELSEWHERE } from '../exchange/elsewhere.ts';
import { prefillMs } from '../policy/cost-rates.ts';
import type { Candidate, SignalKey } from '../policy/policy.ts';
import type { RouterEndpoint, RouterLoad } from '../ports.ts';
import type { PromptFacts } from '../prompt/prompt-facts.ts';
import type { EndpointState } from '../state/endpoint-state.ts';
import type { EndpointWork } from '../state/endpoint-work.ts';

export interface GatherContext {
  readonly facts: PromptFacts;
  readonly reads: readonly SignalKey[];
  readonly outputTokens: number;
  readonly nowMs: number;
  /** What other routers have in flight. */
  readonly elsewhere?: Pick<Elsewhere, 'of'> | undefined;
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
  const { facts, nowMs } = context;
  const precise = context.reads.includes('precise-prefix');
  const prefix = precise || context.reads.includes('prefix');
  const active = context.reads.includes('active-blocks');
  return pairs.map(({ endpoint, state }) => {
    const load = saneLoad(endpoint.load());
    const { work } = state;
    const others = context.elsewhere?.of(state.endpoint) ?? NOTHING_ELSEWHERE;
    const exactTokens = precise || (prefix && endpoint.followed === true) ? soonCached(endpoint, work, facts) : undefined;
    const matchedTokens = prefix ? sane(exactTokens ?? indexedTokens(state, facts), facts.promptTokens) : 0;
    const cachedTokens = exactTokens === undefined ? Math.round(matchedTokens * state.trust) : matchedTokens;
    const offloaded = prefix ? endpoint.offloadedTokens?.(facts) : undefined;
    return {
      endpoint: state.endpoint,
      inFlight: Math.max(work.inFlight + others.inFlight, load.running + load.waiting),
      waiting: load.waiting,
      kvUse: load.kvUse ?? 0,
      contextTokens: work.contextTokens + others.contextTokens,
      uncachedTokens: work.uncachedTokens + others.uncachedTokens,
      kvTokens: sane(endpoint.kvTokens ?? 0, Number.MAX_SAFE_INTEGER),
      queueMs: work.pending.waitMs(nowMs) + others.queueMs + foreignQueueMs({ state, others, load, promptTokens: facts.promptTokens }),
      prefilling: work.pending.count + others.prefilling,
      decoded: work.decoded(nowMs),
      prefillTokens: work.pending.tokens(nowMs) + others.prefillTokens,
      prefillShare: work.prefillShare(nowMs) + others.prefillShare,
      activeTokens: active ? work.active.size * facts.blockTokens : 0,
      activeMatchedTokens: active ? work.active.match(facts.blockHashes()) * facts.blockTokens : 0,
      cachedTokens,
      hostCachedTokens: sane(offloaded?.host ?? 0, facts.promptTokens),
      diskCachedTokens: sane(offloaded?.disk ?? 0, facts.promptTokens),
      matchedTokens,
      indexBlocks: state.index.size,
      cacheFill: state.index.size / state.index.capacity,
      cacheYield: cacheYield(state, nowMs),
      costNanoUsd: sane(
        endpoint.costNanoUsd?.({ uncached: facts.promptTokens - cachedTokens, cached: cachedTokens, output: context.outputTokens }) ?? 0,
        MOST_NANO_USD,
      ),
      rates: work.rates,
    };
  });
}

/** Predicted wait at an endpoint before a prompt is computed, in milliseconds: the same as that of a candidate, where nothing else of it is asked. */
export function queueMsOf(
  { endpoint, state }: { readonly endpoint: RouterEndpoint; readonly state: EndpointState },
  { promptTokens, nowMs, elsewhere }: { readonly promptTokens: number; readonly nowMs: number; readonly elsewhere: Pick<Elsewhere, 'of'> },
): number {
  const others = elsewhere.of(state.endpoint);
  return state.work.pending.waitMs(nowMs) + others.queueMs + foreignQueueMs({ state, others, load: saneLoad(endpoint.load()), promptTokens });
}

/** What the endpoint itself says is in its cache, and what is on its way into it. */
function soonCached(endpoint: RouterEndpoint, work: EndpointWork, facts: PromptFacts): number | undefined {
  const exact = endpoint.cachedTokens?.(facts);
  if (exact === undefined || exact >= facts.promptTokens || work.pending.count === 0) return exact;
  return Math.max(exact, work.pending.match(facts.blockHashes()) * facts.blockTokens);
}

const indexedTokens = (state: EndpointState, facts: PromptFacts): number => state.index.match(facts.blockHashes()) * facts.blockTokens;

/** What its last requests found per token that they computed; where sessions are expected back, at least the share of the cache that is theirs. */
function cacheYield(state: EndpointState, nowMs: number): number {
  const found = state.computedTokens === 0 ? 0 : state.foundTokens / state.computedTokens;
  const warmShare = state.warm.tokens(nowMs) / (state.index.capacity * state.blockTokens);
  return Math.max(found, Math.min(1, warmShare));
}

/** What an endpoint reports may be nonsense; nothing of it may make a score that is not a number. */
function saneLoad(load: RouterLoad): Required<Pick<RouterLoad, 'running' | 'waiting' | 'kvUse'>> {
  return { running: sane(load.running, MOST_REQUESTS), waiting: sane(load.waiting, MOST_REQUESTS), kvUse: sane(load.kvUse ?? 0, 1) };
}

const MOST_REQUESTS = 1e6;
const MOST_NANO_USD = 1e15;
const sane = (value: number, most: number): number => (value > 0 ? Math.min(most, value) : 0);

interface ForeignQueue {
  readonly state: EndpointState;
  readonly others: EndpointShare;
  readonly load: Pick<RouterLoad, 'running' | 'waiting'>;
  readonly promptTokens: number;
}

/** Prompts that somebody else than the routers has queued there, taken to be as long as this one. */
function foreignQueueMs({ state, others, load, promptTokens }: ForeignQueue): number {
  const foreign = Math.min(load.waiting, Math.max(0, load.running + load.waiting - state.work.inFlight - others.inFlight));
  return foreign === 0 ? 0 : foreign * prefillMs(state.work.rates, promptTokens, 0);
}
