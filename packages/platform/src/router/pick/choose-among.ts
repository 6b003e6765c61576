import { type CostRates, prefillMs } from '../policy/cost-rates.ts';
import type { Candidate, Choice, Policy, PolicyRequest, Slo } from '../policy/policy.ts';
import type { RouterEndpoint } from '../ports.ts';
import type { PromptFacts } from '../prompt/prompt-facts.ts';
import type { EndpointState } from '../state/endpoint-state.ts';
import { type GatherContext, gatherCandidates, queueMsOf } from './gather-candidates.ts';

interface Pair {
  readonly endpoint: RouterEndpoint;
  readonly state: EndpointState;
}

/** Which of the endpoints that the filters have left; the lists are in their order. */
export interface Chosen {
  readonly choice: Choice;
  readonly ttftMs: readonly number[];
  /** What is expected of their caches. */
  readonly cachedTokens: readonly number[];
  /** Of the chosen one, before trust; undefined where no prefix was looked at. */
  readonly matchedTokens: number | undefined;
  /** The prompt is worth remembering at the chosen one. */
  readonly readsPrefix: boolean;
}

type LooksAt = Required<Omit<GatherContext, 'reads'>> & { readonly promptTokens: number; readonly elsewhere: NonNullable<GatherContext['elsewhere']> };

interface ChooseContext extends LooksAt {
  readonly policy: Policy;
  readonly session: string | undefined;
  readonly slo: Slo | undefined;
  /** The endpoint that this session was on. */
  readonly prefer: string | undefined;
  /** How fast an endpoint is taken to be whose candidates tell no rates. */
  readonly rates: CostRates;
  readonly random: () => number;
}

const ONLY: Choice = Object.freeze({ index: 0, scores: new Map(), totals: [1], why: 'the only replica' });
const NO_TOKENS: readonly number[] = Object.freeze([0]);

/** Takes the one that is left, without a look at the prompt. */
export function takeOnly([only]: readonly Pair[], looksAt: LooksAt, guess: CostRates): Chosen {
  const ttftMs =
    only === undefined ? [] : [firstTokenMs({ rates: only.state.work.rates, queueMs: queueMsOf(only, looksAt), cachedTokens: 0 }, looksAt.promptTokens, guess)];
  return { choice: ONLY, ttftMs, cachedTokens: NO_TOKENS, matchedTokens: undefined, readsPrefix: false };
}

/** Lets the policy choose, or stays where the session was. */
export function chooseAmong(left: readonly Pair[], context: ChooseContext): Chosen {
  const { policy, promptTokens, prefer } = context;
  const candidates = gatherCandidates(left, { ...context, reads: policy.reads });
  const preferred = prefer === undefined ? -1 : left.findIndex(({ endpoint }) => endpoint.endpoint === prefer);
  const choice = preferred >= 0 ? stay(preferred, left.length) : chooseBy(context, candidates);
  const readsPrefix = policy.reads.includes('prefix') || policy.reads.includes('precise-prefix');
  return {
    choice,
    ttftMs: candidates.map((candidate) => firstTokenMs(candidate, promptTokens, context.rates)),
    cachedTokens: candidates.map((candidate) => candidate.cachedTokens),
    matchedTokens: readsPrefix ? candidates[choice.index]?.matchedTokens : undefined,
    readsPrefix,
  };
}

function chooseBy({ policy, facts, outputTokens, session, slo, random }: ChooseContext, candidates: readonly Candidate[]): Choice {
  const request = new AskedPolicy({ promptTokens: facts.promptTokens, outputTokens, session, slo }, facts);
  try {
    return policy.choose(request, candidates, random);
  } finally {
    request.letGo();
  }
}

/** The request for a policy. What a choice keeps of it for later must not keep the prompt, which may be large, so that it is let go. */
class AskedPolicy implements PolicyRequest {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly session: string | undefined;
  readonly slo: Slo | undefined;
  #facts: PromptFacts | undefined;

  constructor(known: Omit<PolicyRequest, 'prefixKey'>, facts: PromptFacts) {
    this.promptTokens = known.promptTokens;
    this.outputTokens = known.outputTokens;
    this.session = known.session;
    this.slo = known.slo;
    this.#facts = facts;
  }

  prefixKey(): number {
    return this.#facts?.prefixKey() ?? 0;
  }

  letGo(): void {
    this.#facts = undefined;
  }
}

function firstTokenMs({ rates, queueMs, cachedTokens }: Pick<Candidate, 'rates' | 'queueMs' | 'cachedTokens'>, promptTokens: number, guess: CostRates): number {
  const known = rates ?? guess;
  return known.firstTokenMs + queueMs + prefillMs(known, promptTokens, cachedTokens);
}

const stay = (index: number, count: number): Choice => ({
  index,
  scores: new Map(),
  totals: new Array<number>(count).fill(0),
  why: 'the replica of this session',
});
