import type { RouteBackend, RouteSpec } from '@maru/api/resources';
import { durationToMs } from '@maru/api/resources';
import { STRATEGIES } from '../strategies/strategies.ts';
import type { BackendCandidate, StrategyRequest } from '../strategies/strategy.ts';
import type { BackendSignals } from './backend-signals.ts';
import type { RouteFacts } from './route-facts.ts';

interface OrderedBackend {
  readonly backend: RouteBackend;
  /** What the strategy says about it; empty for those that stand by. */
  readonly why: string;
}

export interface Ordering {
  /** The chosen one first, then those that stand by: of its level by score, then level by level. */
  readonly ordered: readonly OrderedBackend[];
  /** Backends that may take no more, with the reason. */
  readonly full: readonly { readonly model: string; readonly problem: string; readonly kind: 'limit' | 'budget' }[];
}

interface OrderOptions {
  readonly spec: RouteSpec;
  readonly facts: RouteFacts;
  readonly signalsOf: (model: string) => BackendSignals;
  readonly random: () => number;
}

/** Filters the backends of a group by their limits, scores them by the route's strategy, and picks. */
export function orderBackends(group: readonly RouteBackend[], options: OrderOptions): Ordering {
  const { spec, facts } = options;
  const [only] = group;
  if (group.length === 1 && only !== undefined && !isLimited(only)) return { ordered: [{ backend: only, why: '' }], full: [] };
  const full: Ordering['full'][number][] = [];
  const entries: Entry[] = [];
  for (const backend of group) {
    const candidate = candidateOf(backend, options.signalsOf(backend.model));
    const problem = fullness(candidate, facts);
    if (problem === undefined) entries.push({ backend, candidate });
    else full.push({ model: backend.model, ...problem });
  }
  if (entries.length === 0) return { ordered: [], full };

  const strategy = STRATEGIES[spec.strategy];
  const first = Math.min(...entries.map((entry) => entry.backend.order));
  const seen = strategy.seesAllLevels === true ? entries : entries.filter((entry) => entry.backend.order === first);
  const choice = strategy.choose(
    requestOf(spec, facts),
    seen.map((entry) => entry.candidate),
    options.random,
  );
  const scores = new Map(seen.map((entry, index) => [entry, choice.scores[index] ?? 0]));
  const chosen = seen[choice.index];
  const others = entries
    .filter((entry) => entry !== chosen)
    .sort((left, right) => left.backend.order - right.backend.order || (scores.get(right) ?? 0) - (scores.get(left) ?? 0));
  return {
    ordered: [...(chosen === undefined ? [] : [{ backend: chosen.backend, why: choice.why }]), ...others.map(({ backend }) => ({ backend, why: '' }))],
    full,
  };
}

interface Entry {
  readonly backend: RouteBackend;
  readonly candidate: BackendCandidate;
}

const isLimited = (backend: RouteBackend): boolean =>
  backend.rpm !== undefined || backend.tpm !== undefined || backend.maxParallel !== undefined || backend.budget !== undefined;

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;

const outputTokensOf = (facts: RouteFacts): number => Math.min(USUAL_ANSWER_TOKENS, facts.prompt.maxTokens ?? USUAL_ANSWER_TOKENS);

const requestOf = (spec: RouteSpec, facts: RouteFacts): StrategyRequest => ({
  promptTokens: facts.prompt.promptTokens,
  outputTokens: outputTokensOf(facts),
  sloTtftMs: spec.slo?.ttft === undefined ? undefined : durationToMs(spec.slo.ttft),
  streams: facts.stream === true,
});

function candidateOf(backend: RouteBackend, signals: BackendSignals): BackendCandidate {
  const { model, weight, order, rpm, tpm, maxParallel, budget } = backend;
  const capNanoUsd = budget === undefined ? 0 : budget.usd * 1e9;
  const spent = budget === undefined ? 0 : signals.spentNanoUsd(durationToMs(budget.per));
  return {
    model,
    weight,
    order,
    rpm,
    tpm,
    maxParallel,
    inFlight: signals.inFlight,
    firstTokenMs: signals.firstTokenMs,
    answerMs: signals.answerMs,
    usedRequests: signals.usedRequests,
    usedTokens: signals.usedTokens,
    costNanoUsd: signals.costNanoUsd(),
    healthy: signals.healthy,
    budgetLeft: budget === undefined ? 1 : capNanoUsd <= 0 ? 0 : Math.max(0, 1 - spent / capNanoUsd),
  };
}

function fullness(candidate: BackendCandidate, facts: RouteFacts): { readonly problem: string; readonly kind: 'limit' | 'budget' } | undefined {
  const { rpm, tpm, maxParallel, budgetLeft } = candidate;
  if (budgetLeft <= 0) return { problem: 'its budget is spent', kind: 'budget' };
  if (maxParallel !== undefined && candidate.inFlight >= maxParallel) return { problem: `it runs ${maxParallel} requests at once`, kind: 'limit' };
  if (rpm !== undefined && candidate.usedRequests >= rpm) return { problem: `it has taken ${rpm} requests in this minute`, kind: 'limit' };
  // A single request may be larger than the limit; else it could never be asked.
  if (tpm !== undefined && candidate.usedTokens > 0 && candidate.usedTokens + facts.prompt.promptTokens > tpm)
    return { problem: `it has taken its ${tpm} tokens in this minute`, kind: 'limit' };
  return undefined;
}
