import { PlatformError } from '@maru/api/errors';
import type { RouteDecision } from '@maru/api/records';
import type { FailureClass, Route } from '@maru/api/resources';
import { LiveMap } from '#memory';
import type { Clock, Ids } from '#time';
import { type Affinities, createAffinities } from './affinity.ts';
import { type ChooseModelOptions, chooseModel, type ModelChoices } from './choose-model/choose-model.ts';
import type { RouteFacts } from './choose-model/route-facts.ts';
import { createExchange, type Exchange } from './exchange/exchange.ts';
import { LessonJournal } from './exchange/lesson-journal.ts';
import { fullFilter } from './flow/full-filter.ts';
import { hasRoom } from './flow/has-room.ts';
import type { SaturationSettings } from './flow/saturation.ts';
import { shedError } from './flow/shed.ts';
import { DEFAULT_HEALTH, type HealthSettings } from './health/health-settings.ts';
import { chooseAmong, takeOnly } from './pick/choose-among.ts';
import { Decision } from './pick/decision.ts';
import { alreadyTriedFilter, applyFilters, coolingDownFilter, returningFilter, suspectFilter } from './pick/filters.ts';
import { contextLengthFilter } from './policies/context-length/context-length-filter.ts';
import { loraAffinityFilter } from './policies/lora-affinity/lora-affinity-filter.ts';
import { priorityFilter } from './policies/priority/priority-filter.ts';
import { type CostRates, DEFAULT_COST_RATES, prefillMs } from './policy/cost-rates.ts';
import { Policies } from './policy/policies.ts';
import type { Policy, Slo } from './policy/policy.ts';
import type { RouterEndpoint } from './ports.ts';
import type { PromptFacts } from './prompt/prompt-facts.ts';
import { type Calibration, calibrationOf } from './state/calibration.ts';
import { createDecisionLog, type DecisionFilter } from './state/decision-log.ts';
import type { EndpointState } from './state/endpoint-state.ts';
import { createEndpointStates } from './state/endpoint-states.ts';
import type { Answer, OpenWork } from './state/endpoint-work.ts';
import { createHistory, type HistoryPoint } from './state/history.ts';
import { learnHit, learnSpeed } from './state/learn.ts';
import { createOutputLengths } from './state/output-lengths.ts';
import { createRecentPrompts, type RecentPrompt } from './state/recent-prompts.ts';
import { createBackendStats } from './strategies/backend-stats.ts';
import { type ModelFacts, ModelSignals } from './strategies/model-signals.ts';

export interface RouterOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Decisions that are kept for queries; 1,000 where absent. */
  readonly keepDecisions?: number;
  /** Bound of all prefix indexes together; 262,144 blocks of about 24 bytes where absent. */
  readonly maxIndexBlocks?: number;
  /** Tokens per block hash of the prompt facts; 64 where absent. */
  readonly blockTokens?: number;
  readonly rates?: CostRates;
  /** Makers of policies by names of the caller's own; they go before the policies that the router knows. */
  readonly policies?: ReadonlyMap<string, () => Policy>;
}

export interface PickRequest {
  readonly requestId: string;
  readonly traceId: string;
  /** The public name that was asked for. */
  readonly route: string;
  /** The Model resource that was chosen. */
  readonly model: string;
  /** Why this model; goes before the reason of the endpoint. */
  readonly reason?: string;
  /** `maru` where absent. */
  readonly policy?: string;
  readonly facts: PromptFacts;
  readonly session?: string | undefined;
  /** Endpoints that this request has failed on. */
  readonly tried?: readonly string[] | undefined;
  /** The endpoint that this session was on; taken where it may be. */
  readonly prefer?: string | undefined;
  /** The usual one where absent. */
  readonly health?: HealthSettings | undefined;
  /** What the route promises. */
  readonly slo?: Slo | undefined;
  /** The LoRA adapter that it asks for. */
  readonly adapter?: string | undefined;
  /** 0 where absent; below 0 it may be shed. */
  readonly priority?: number | undefined;
  /** Whether `firstToken` will be told; otherwise a prompt counts as computed when its predicted time is over. */
  readonly tellsFirstToken?: boolean | undefined;
  /** The prompt is looked at even where one endpoint is left, because its expected hit decides something else. */
  readonly weighsPrompt?: boolean | undefined;
  /** Only the prompt is computed there; the answer, and what it costs its backend, is counted elsewhere. */
  readonly promptOnly?: boolean | undefined;
  /** Time that it has waited for its model, in milliseconds; for the record. */
  readonly queuedMs?: number | undefined;
  /** When an endpoint is full, where requests wait for room: a full one is then only taken where all are. */
  readonly saturation?: SaturationSettings | undefined;
  /** Refused where no endpoint is predicted to keep the `ttftMs` of its SLO. */
  readonly onlyInTime?: boolean | undefined;
}

export interface Picked<E extends RouterEndpoint> {
  readonly endpoint: E;
  readonly decision: Decision;
}

export interface Observation {
  readonly outcome: 'ok' | 'error' | 'cancelled';
  readonly realisedCachedTokens?: number | undefined;
  /** Of a stream; what comes as a whole has no first token. */
  readonly ttftMs?: number | undefined;
  /** From the call to the end, in milliseconds. */
  readonly durationMs?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** What went wrong, where the outcome is an error; `serverError` where absent. */
  readonly failure?: FailureClass | undefined;
  /** What the upstream asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Undefined where nothing was charged or no price is known. */
  readonly costNanoUsd?: number | undefined;
}

type RouterChooseOptions = Omit<ChooseModelOptions, 'signalsOf'> & { readonly modelFacts?: ((model: string) => ModelFacts) | undefined };

/** Decides where a request goes and learns from what came of it. Never waits. */
export interface Router {
  /** Models for a request, best first, with a reason for people; see {@link chooseModel}. */
  chooseModel(route: Route, facts: RouteFacts, options?: RouterChooseOptions): ModelChoices;
  /**
   * Picks one endpoint and counts the decision as load at once; every pick must be followed by one `observe`.
   * Throws `no_endpoint` when nothing is left to try, `overloaded` when it may only go in time and would not, and `config_invalid` for an
   * unknown policy.
   */
  pickEndpoint<E extends RouterEndpoint>(request: PickRequest, endpoints: readonly E[]): Picked<E>;
  /** The prompt of a decision is computed by another endpoint, or why not; nothing where the decision has ended. */
  prefills(decisionId: string, prefill: NonNullable<RouteDecision['prefill']>): void;
  /** Whether one of these endpoints can take more; those that rest count only where all do. True where there are none. */
  hasRoom(endpoints: readonly RouterEndpoint[], settings: SaturationSettings): boolean;
  /** The first token of a decision has come: its prompt no longer waits, and the endpoint's speed is learned from it. */
  firstToken(decisionId: string): void;
  /** Ends a decision and joins what was realised; false when it is unknown or has ended before. */
  observe(decisionId: string, observation: Observation): boolean;
  /** Where sessions, users or keys were last, for routes that keep them there. */
  readonly affinities: Affinities;
  /** What this router tells others, and hears of them. */
  readonly exchange: Exchange;
  decisions(filter?: DecisionFilter): RouteDecision[];
  decision(id: string): RouteDecision | undefined;
  /** How good the predictions are, per endpoint. */
  calibration(): Calibration[];
  /** What was expected and what came of it over the last day, in stretches of five minutes. */
  history(fromMs?: number): readonly HistoryPoint[];
  /** The prompt of a recent decision as hashes of its blocks; undefined where no policy has looked at it, or it is forgotten. */
  promptOf(decisionId: string): RecentPrompt | undefined;
  /** The last prompt of each recent session, newest first. */
  sessions(): readonly RecentPrompt[];
  /** How many leading blocks of a prompt each of these endpoints probably has in its cache, by the router's own decisions. */
  holders(hashes: ArrayLike<number>, endpoints: readonly string[]): readonly number[];
  /** Forgets what is known of an endpoint that is gone for good. */
  forget(endpoint: string): void;
}

/** Decisions that may be open at once; beyond it the oldest is taken as cancelled, so that a caller who never observes leaks nothing. */
const MAX_OPEN = 65_536;
/** Half a megabyte of hashes. */
const MAX_RECENT_HASHES = 65_536;

/** Lessons that wait to be told: about a megabyte as a line. */
const MAX_LESSONS = 16_384;

/** What a decision that has not ended will be learned from. */
interface OpenDecision {
  readonly decision: Decision;
  readonly state: EndpointState;
  readonly work: OpenWork;
  readonly session: string | undefined;
  readonly matchedTokens: number | undefined;
  readonly predictedTtftMs: number;
  readonly health: HealthSettings;
  readonly estimatedTokens: number;
  /** The request has failed on another endpoint before. */
  readonly retry: boolean;
  /** Counts as a request to its backend. */
  readonly counted: boolean;
}

export function createRouter(options: RouterOptions): Router {
  const { clock, ids } = options;
  const rates = options.rates ?? DEFAULT_COST_RATES;
  const random = (): number => ids.random();
  const history = createHistory();
  const log = createDecisionLog<Decision>(options.keepDecisions ?? 1000);
  const lessons = new LessonJournal(MAX_LESSONS);
  const states = createEndpointStates({
    maxBlocks: options.maxIndexBlocks ?? 262_144,
    maxEndpoints: 4096,
    rates,
    onLesson: (endpoint, lesson) => lessons.add({ endpoint, lesson }),
    ...(options.blockTokens === undefined ? {} : { blockTokens: options.blockTokens }),
  });
  const exchange = createExchange({ clock, states, lessons });
  /** Without making it the one used last, which only a pick does. */
  const stateOf = (endpoint: RouterEndpoint): EndpointState => states.find(endpoint.endpoint) ?? states.of(endpoint);
  const outputs = createOutputLengths();
  const prompts = createRecentPrompts({ maxPrompts: options.keepDecisions ?? 1000, maxHashes: MAX_RECENT_HASHES });
  const policies = new Policies(options.policies, rates);
  const stats = createBackendStats();
  const affinities = createAffinities(clock);
  const open = new LiveMap<string, OpenDecision>();

  const end = (id: string, answer: Answer, nowMs: number): OpenDecision | undefined => {
    const entry = open.take(id);
    entry?.state.work.end(entry.work, answer, nowMs);
    return entry;
  };

  const pickEndpoint = <E extends RouterEndpoint>(request: PickRequest, endpoints: readonly E[]): Picked<E> => {
    const nowMs = clock.monotonicMs();
    const { facts, model } = request;
    const { promptTokens } = facts;
    const health = request.health ?? DEFAULT_HEALTH;
    const outputTokens = outputs.expected(model, facts.maxTokens);
    const pairs = endpoints.map((endpoint) => ({ endpoint, state: states.of(endpoint) }));
    const removedBy = applyFilters(pairs, [
      alreadyTriedFilter(request.tried ?? NONE),
      coolingDownFilter(pairs, nowMs, health.maxEjected),
      suspectFilter(pairs, health.maxEjected),
      returningFilter(pairs, nowMs, random),
      contextLengthFilter(pairs, promptTokens + outputTokens),
      priorityFilter(pairs, request.priority ?? 0),
      request.adapter === undefined ? undefined : loraAffinityFilter(pairs, request.adapter),
      request.saturation === undefined ? undefined : fullFilter(pairs, { settings: request.saturation, elsewhere: exchange.elsewhere }),
    ]);
    const left = removedBy === undefined ? pairs : pairs.filter((_pair, index) => removedBy[index] === undefined);
    if (left.length === 0) throw noEndpoint(request, endpoints.length);
    const policy = policies.of(request.policy ?? 'maru', model);
    const looksAt = { facts, promptTokens, outputTokens, nowMs, elsewhere: exchange.elsewhere };
    const picked =
      left.length === 1 && request.weighsPrompt !== true
        ? takeOnly(left, looksAt, rates)
        : chooseAmong(left, { ...looksAt, policy, session: request.session, slo: request.slo, prefer: request.prefer, rates, random });
    const { choice, ttftMs, cachedTokens, matchedTokens } = picked;
    const pair = left[choice.index];
    if (pair === undefined) throw noEndpoint(request, endpoints.length);
    if (request.onlyInTime === true && Math.min(...ttftMs) > (request.slo?.ttftMs ?? Number.POSITIVE_INFINITY)) throw notInTime(request);

    const { state } = pair;
    const expectedCachedTokens = cachedTokens[choice.index] ?? 0;
    const decision = new Decision(
      {
        id: ids.next('dec'),
        requestId: request.requestId,
        traceId: request.traceId,
        atMs: Math.round(clock.nowMs()),
        route: request.route,
        model,
        reason: request.reason === undefined ? choice.why : `${request.reason}; ${choice.why}`,
        policy: policy.name,
        chosen: state.endpoint,
        promptTokens,
        queuedMs: request.queuedMs,
        expectedCachedTokens,
      },
      { endpoints: pairs.map(nameOf), removedBy, cachedTokens, ttftMs, choice },
    );
    if (picked.readsPrefix) {
      const hashes = facts.blockHashes();
      state.index.insert(hashes);
      exchange.sent({ endpoint: state.endpoint, hashes });
      prompts.put({ decisionId: decision.id, session: request.session, model, atMs: decision.atMs, promptTokens, hashes });
    }
    const work = state.work.begin(
      {
        promptTokens,
        cachedTokens: expectedCachedTokens,
        prefillMs: prefillMs(state.work.rates, promptTokens, expectedCachedTokens),
        told: request.tellsFirstToken === true,
        amongOthers: exchange.elsewhere.of(state.endpoint).prefilling > 0,
        hashes: picked.readsPrefix ? facts.blockHashes() : undefined,
        blocks: policy.reads.includes('active-blocks') ? facts.blockHashes() : undefined,
      },
      nowMs,
    );
    state.health.begin();
    state.decisions += 1;
    const counted = request.promptOnly !== true;
    if (counted) stats.begin(model, promptTokens + outputTokens, nowMs);
    if (request.session !== undefined) for (const each of pairs) each.state.warm.left(request.session);
    open.set(decision.id, {
      decision,
      state,
      work,
      session: request.session,
      matchedTokens,
      predictedTtftMs: ttftMs[choice.index] ?? 0,
      health,
      estimatedTokens: promptTokens + outputTokens,
      retry: request.tried !== undefined && request.tried.length > 0,
      counted,
    });
    if (open.size > MAX_OPEN) end(open.first ?? '', UNKNOWN_ANSWER, nowMs);
    log.put(decision);
    return { endpoint: pair.endpoint, decision };
  };

  const observe = (decisionId: string, observation: Observation): boolean => {
    const { outcome, ttftMs, durationMs, outputTokens, costNanoUsd } = observation;
    const nowMs = clock.monotonicMs();
    const ok = outcome === 'ok';
    const entry = end(decisionId, ok ? observation : UNKNOWN_ANSWER, nowMs);
    if (entry === undefined) return false;
    const { state, decision } = entry;
    const { model, promptTokens, expectedCachedTokens: expected } = decision;
    if (entry.session !== undefined && ok) state.warm.waits(entry.session, promptTokens + (outputTokens ?? 0), nowMs);
    // What another endpoint has computed says nothing of the speed and the cache of this one.
    const elsewhere = decision.prefill?.endpoint !== undefined;
    const realised = elsewhere ? undefined : observation.realisedCachedTokens;
    const seenTtftMs = elsewhere ? undefined : ttftMs;
    learnHealth(entry, observation, nowMs);
    if (entry.counted) {
      const moreTokens = ok && outputTokens !== undefined ? promptTokens + outputTokens - entry.estimatedTokens : 0;
      stats.end(model, { outcome, ttftMs, durationMs, costNanoUsd, moreTokens }, nowMs);
    }
    if (seenTtftMs !== undefined) learnSpeed(state, entry.predictedTtftMs, seenTtftMs);
    if (outputTokens !== undefined && ok) outputs.learn(model, outputTokens);
    if (realised !== undefined && entry.matchedTokens !== undefined) learnHit(state, { promptTokens, matched: entry.matchedTokens, expected, realised });
    history.add({
      decision,
      retry: entry.retry,
      hit: realised === undefined ? undefined : { realised, expected: entry.matchedTokens !== undefined },
      ttft: seenTtftMs === undefined ? undefined : { predictedMs: entry.predictedTtftMs, realisedMs: seenTtftMs },
    });
    decision.realise({ realisedCachedTokens: realised ?? null, realisedTtftMs: ttftMs ?? null, realisedMs: durationMs ?? null, outcome });
    return true;
  };

  const healthyOf = (endpoints: readonly string[], nowMs: number): number => {
    let resting = 0;
    for (const endpoint of endpoints) if (states.find(endpoint)?.health.resting(nowMs) === true) resting += 1;
    return endpoints.length === 0 ? 1 : 1 - resting / endpoints.length;
  };

  return {
    chooseModel: (route, facts, chooseOptions = {}) => {
      const { modelFacts } = chooseOptions;
      const nowMs = clock.monotonicMs();
      const signalsOf = modelFacts === undefined ? undefined : (model: string) => new ModelSignals(model, modelFacts(model), { stats, healthyOf, nowMs });
      return chooseModel(route, facts, {
        random,
        experiment: chooseOptions.experiment,
        routeNamed: chooseOptions.routeNamed,
        unavailable: chooseOptions.unavailable,
        stickTo: chooseOptions.stickTo,
        signalsOf,
      });
    },
    affinities,
    exchange,
    pickEndpoint,
    prefills: (decisionId, prefill) => {
      const entry = open.get(decisionId);
      if (entry === undefined) return;
      entry.decision.prefills(prefill);
      if (prefill.endpoint !== undefined) entry.state.work.prefillsElsewhere(entry.work, clock.monotonicMs());
    },
    hasRoom: (endpoints, settings) => hasRoom(endpoints, { settings, stateOf, nowMs: clock.monotonicMs(), elsewhere: exchange.elsewhere }),
    firstToken: (decisionId) => {
      const entry = open.get(decisionId);
      entry?.state.work.firstToken(entry.work, clock.monotonicMs());
    },
    observe,
    decisions: (filter) => log.recent(filter).map((decision) => decision.record()),
    decision: (id) => log.get(id)?.record(),
    calibration: () => states.all().map((state) => calibrationOf(state, clock.monotonicMs())),
    history: (fromMs) => history.points(fromMs),
    promptOf: prompts.ofDecision,
    sessions: prompts.sessions,
    holders: (hashes, endpoints) => endpoints.map((endpoint) => states.find(endpoint)?.index.match(hashes) ?? 0),
    forget: (endpoint) => {
      states.forget(endpoint);
      history.forget(endpoint);
    },
  };
}

const NONE: readonly string[] = Object.freeze([]);
const UNKNOWN_ANSWER: Answer = Object.freeze({});
const nameOf = ({ state }: { readonly state: EndpointState }): string => state.endpoint;

function learnHealth(entry: OpenDecision, observation: Observation, nowMs: number): void {
  const { health } = entry.state;
  if (observation.outcome === 'cancelled') health.forgetTrial();
  else {
    const failure = observation.outcome === 'error' ? (observation.failure ?? 'serverError') : undefined;
    health.note({ failure, retryAfterMs: observation.retryAfterMs }, nowMs, entry.health);
  }
}

const notInTime = ({ model, priority = 0, queuedMs = 0 }: PickRequest): PlatformError =>
  shedError({ model, priority, reason: 'slo', waitedMs: queuedMs, retryAfterS: 1 });

function noEndpoint(request: PickRequest, endpoints: number): PlatformError {
  const tried = request.tried?.length ?? 0;
  return new PlatformError('no_endpoint', {
    message:
      endpoints === 0
        ? `the model "${request.model}" has no replica that is ready`
        : `all ${endpoints} replicas of the model "${request.model}" failed for this request`,
    details: { model: request.model, endpoints, tried },
    retryAfterS: 1,
  });
}
