import { isPlatformError, PlatformError } from '@maru/api/errors';
import { ZERO_USAGE } from '@maru/api/records';
import { durationToMs, type Model, type Route } from '@maru/api/resources';
import type { Attempt, AttemptFailure, CallWishes, Plan, RequestFacts } from '#gateway';
import {
  classifyFailure,
  DEFAULT_RECOVERY,
  decodeEndpoints,
  fallbackChain,
  healthSettings,
  type ModelChoice,
  type ModelChoices,
  type PromptFacts,
  recoverySettings,
  walkWays,
} from '#router';
import type { MarkPrompt } from '#traces';
import { clientFallbacks } from './client-fallbacks.ts';
import { placeCall } from './disaggregated-call.ts';
import { litellmAttempt } from './litellm-attempt.ts';
import { createModelQueue, isPassedOn, priorityOf } from './model-queue.ts';
import type { PlacementOptions } from './placement-options.ts';
import { policyOfModel } from './policy-of-model.ts';
import { promptOf, routeFactsOf, tagsOf } from './route-facts.ts';
import { routeOfCall } from './route-of-call.ts';
import { withStar } from './wildcards.ts';

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;
/** Of the blocks that prompts are told apart by. */
const BYTES_PER_TOKEN = 4;

/** The ways of a request to a model or a route. Throws when nothing can take it. */
export function modelPlan(options: PlacementOptions, facts: RequestFacts, wishes: CallWishes): Plan {
  const { registry, pool, router } = options;
  const route = routeOfCall(registry, facts);
  const prompt = promptOf(facts);
  const sticky = route === undefined ? undefined : affinityOf(route, facts);
  const place = sticky === undefined ? undefined : router.affinities.find(sticky.key);
  const chosen = route === undefined ? BY_NAME(facts.target.name) : chooseWays(options, { route, facts, prompt, stickTo: place?.model });
  const ways = withWishes(chosen.choices, { fallbacks: clientFallbacks(options, { facts, route, wishes }), wishes });
  if (ways.length === 0) throw nothingLeft(facts.target.name, chosen);
  const settings = route === undefined ? DEFAULT_RECOVERY : recoverySettings(route.spec);
  const health = route === undefined ? undefined : healthSettings(route.spec.health);
  const tried = new Map<string, string[]>();
  const slo = sloOf(route, facts);
  const priority = priorityOf(registry, route, facts);
  const queue = createModelQueue({ ...options, facts, priority, withinMs: timeFor(route, facts) });
  const walk = walkWays({
    ways,
    settings: typeof wishes.numRetries === 'number' ? { ...settings, attempts: Math.min(10, Math.max(0, Math.trunc(wishes.numRetries))), per: {} } : settings,
    special: (kind, from) => (wishes.disableFallbacks === true ? [] : specialWays(route, { kind, from })),
    isLarger: (model, than) => (options.contextWindow(model) ?? Number.POSITIVE_INFINITY) > (options.contextWindow(than) ?? 0),
    random: () => options.ids.random(),
  });

  let marks: ReturnType<MarkPrompt> | undefined;
  const marksOf = (mark: MarkPrompt): ReturnType<MarkPrompt> => {
    marks ??= mark({ hashBytes: prompt.blockTokens * BYTES_PER_TOKEN, promptBytes: facts.promptBytes.length, hashes: prompt.blockHashes });
    return marks;
  };

  const isFresh = (model: string): boolean => (tried.get(model) ?? []).length < decodeEndpoints(pool.enginesOf(model)).length;

  const attemptAt = (way: ModelChoice, { delayMs, queuedMs }: { readonly delayMs: number; readonly queuedMs?: number | undefined }): Attempt => {
    const engines = pool.enginesOf(way.model);
    const problem = pool.problemOf(way.model);
    if (engines.length === 0 && problem !== undefined)
      throw new PlatformError('no_endpoint', { message: `the model "${way.model}" can not be served: ${problem}`, details: { model: way.model } });
    const already = tried.get(way.model) ?? [];
    const model = registry.get('Model', way.model);
    const {
      endpoint: engine,
      decision,
      legs,
    } = placeCall(
      options,
      {
        requestId: facts.requestId,
        traceId: facts.traceId,
        route: facts.target.name,
        model: way.model,
        reason: way.reason,
        policy: route?.spec.policy ?? policyOfModel(model),
        facts: prompt,
        session: facts.session,
        tellsFirstToken: facts.stream,
        // When every replica has failed once, a retry may go to one of them again.
        tried: already.length < decodeEndpoints(engines).length ? already : [],
        prefer: route?.spec.affinity?.to === 'endpoint' && place?.model === way.model ? place.endpoint : undefined,
        health,
        slo,
        adapter: options.fleets.fleetOf(way.model)?.adapter,
        priority,
        queuedMs,
        onlyInTime: priority < 0 && facts.slo?.ttftMs !== undefined,
      },
      { engines, model, operation: facts.operation },
    );
    tried.set(way.model, [...already, engine.endpoint]);
    options.fleets.sent(decision, prompt, facts.promptBytes.length);
    return {
      engine: withStar(engine, route, facts.target.name),
      model: way.model,
      reason: decision.reason,
      decision,
      ...(options.markPrompt === undefined ? {} : { routeAttributes: marksOf(options.markPrompt) }),
      delayMs,
      ...(legs === undefined ? {} : { legs }),
      ...defaultsOf(model),
      ...timesOf(options, way, route),
      ...litellmAttempt(model, { requestId: facts.requestId, retries: already.length, fallbacks: tried.size - 1 }),
      ...(sticky === undefined ? {} : { affinity: sticky }),
    };
  };

  /** The first attempt at a model waits for its turn; one after a failure takes the place that has become free. */
  const placed = (way: ModelChoice, delayMs: number): Attempt | Promise<Attempt> =>
    tried.has(way.model) ? attemptAt(way, { delayMs }) : queue.enter(way.model, (queuedMs) => attemptAt(way, { delayMs, queuedMs }));

  /** The first way, from the current one on, that has an endpoint and a place. */
  const firstFrom = (way: ModelChoice | undefined, thrown: unknown): Attempt | undefined | Promise<Attempt | undefined> => {
    let problem = thrown;
    for (let at = way; at !== undefined; at = walk.skip()) {
      try {
        const made = placed(at, 0);
        if (made instanceof Promise) return made.catch((error: unknown) => firstFrom(walk.skip(), passedOn(error, problem)));
        return made;
      } catch (error) {
        problem = passedOn(error, problem);
      }
    }
    if (problem !== undefined) throw problem;
    return undefined;
  };

  const next = async (failure: AttemptFailure): Promise<Attempt | undefined> => {
    const current = walk.current();
    if (current === undefined) return undefined;
    const { error, status } = failure;
    const found = walk.next({
      failure: classifyFailure({ code: error.code, status }),
      retryAfterMs: error.retryAfterS === undefined ? undefined : error.retryAfterS * 1000,
      freshEndpoint: isFresh(current.model),
    });
    if (found === undefined) return undefined;
    try {
      return await placed(found.way, found.delayMs);
    } catch (problem) {
      if (!isPassedOn(problem)) throw problem;
    }
    try {
      return await firstFrom(walk.skip(), undefined);
    } catch (problem) {
      // The failure that is known already says more than a way that has gone.
      if (!isPassedOn(problem)) throw problem;
      return undefined;
    }
  };

  const beside = (): Attempt | undefined => {
    const current = walk.current();
    const way = current !== undefined && isFresh(current.model) ? current : walk.following();
    return way === undefined || !isFresh(way.model) || !queue.isOpen(way.model)
      ? undefined
      : attemptOrNothing(() => attemptAt({ ...way, reason: `asked beside, the first was slow; ${way.reason}` }, { delayMs: 0 }));
  };

  let asked = false;
  const prepared = (failure: AttemptFailure | undefined): ReturnType<Plan['next']> => {
    if (failure !== undefined) return next(failure);
    const preparing = asked ? undefined : options.fleets.prepare([...new Set(ways.map((way) => way.model))], facts, prompt);
    asked = true;
    return preparing === undefined ? firstFrom(walk.current(), undefined) : preparing.then(() => firstFrom(walk.current(), undefined));
  };

  return {
    next: prepared,
    abandon: queue.abandon,
    ...(route?.spec.timeout === undefined ? {} : { deadlineMs: durationToMs(route.spec.timeout) }),
    ...(route?.spec.continuation === undefined ? {} : { continuation: route.spec.continuation }),
    ...(route?.spec.hedge === undefined ? {} : { hedge: { afterMs: durationToMs(route.spec.hedge.after), next: beside } }),
    ...mirrorOf(options, route),
  };
}

const BY_NAME = (name: string): ModelChoices => ({ choices: [{ model: name, reason: 'asked for by name', role: 'backend' }], skipped: [] });

interface ChooseRequest {
  readonly route: Route;
  readonly facts: RequestFacts;
  readonly prompt: PromptFacts;
  readonly stickTo: string | undefined;
}

function chooseWays(options: PlacementOptions, { route, facts, prompt, stickTo }: ChooseRequest): ModelChoices {
  const { registry, pool, router } = options;
  const usage = { ...ZERO_USAGE, inputTokens: prompt.promptTokens, outputTokens: Math.min(USUAL_ANSWER_TOKENS, prompt.maxTokens ?? USUAL_ANSWER_TOKENS) };
  return router.chooseModel(route, routeFactsOf(facts, prompt, tagsOf(facts, route)), {
    experiment: route.spec.experiment === undefined ? undefined : registry.get('Experiment', route.spec.experiment),
    routeNamed: (name) => registry.get('Route', name),
    unavailable: (model) => (pool.enginesOf(model).length === 0 ? (pool.problemOf(model) ?? 'no replica is ready') : undefined),
    stickTo,
    modelFacts: (model) => ({
      endpoints: pool.enginesOf(model).map((engine) => engine.endpoint),
      contextWindow: options.contextWindow(model),
      costNanoUsd: () => options.costNanoUsd(model, usage) ?? undefined,
    }),
  });
}

function withWishes(
  choices: readonly ModelChoice[],
  given: { readonly fallbacks: readonly ModelChoice[] | undefined; readonly wishes: CallWishes },
): readonly ModelChoice[] {
  if (given.wishes.disableFallbacks === true) return choices.filter((choice) => choice.role === 'backend');
  if (given.fallbacks === undefined) return choices;
  const backends = choices.filter((choice) => choice.role === 'backend');
  return [...backends, ...given.fallbacks.filter((fallback) => !backends.some((backend) => backend.model === fallback.model))];
}

/** The fallbacks of a route for one kind of failure; what names a route stands for its backends without conditions. */
function specialWays(
  route: Route | undefined,
  { kind, from }: { readonly kind: 'context-window' | 'content-policy'; readonly from: string },
): readonly ModelChoice[] {
  const rules = (route?.spec.fallbacks ?? []).filter((fallback) => fallback.on === kind);
  return fallbackChain([from], rules).map(({ name, of }) => ({
    model: name,
    reason: `fallback of ${of} for ${kind === 'context-window' ? 'long prompts' : 'content policy'}: ${name}`,
    role: 'fallback' as const,
  }));
}

function affinityOf(route: Route, facts: RequestFacts): { readonly key: string; readonly ttlMs: number } | undefined {
  const { affinity } = route.spec;
  if (affinity === undefined) return undefined;
  const { principal } = facts;
  const who = { session: facts.session, user: principal.user, key: principal.keyId, tenant: principal.tenant }[affinity.by];
  return who === undefined ? undefined : { key: `${route.metadata.name}/${principal.tenant}/${affinity.by}/${who}`, ttlMs: durationToMs(affinity.ttl) };
}

/** What the request asks for, else what its route promises. */
function sloOf(route: Route | undefined, facts: RequestFacts): { readonly ttftMs: number | undefined; readonly itlMs: number | undefined } | undefined {
  const slo = route?.spec.slo;
  if (slo === undefined && facts.slo === undefined) return undefined;
  const read = (duration: string | undefined): number | undefined => (duration === undefined ? undefined : durationToMs(duration));
  return { ttftMs: facts.slo?.ttftMs ?? read(slo?.ttft), itlMs: facts.slo?.itlMs ?? read(slo?.itl) };
}

/** Time after which a first token is of no use: what the request asks for, or the time that its route gives it. */
function timeFor(route: Route | undefined, facts: RequestFacts): number | undefined {
  const times = [facts.slo?.ttftMs, route?.spec.timeout === undefined ? undefined : durationToMs(route.spec.timeout)].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What is told when no other way is left: the first problem of several. Throws what no other way would help with. */
function passedOn(error: unknown, before: unknown): unknown {
  if (!isPassedOn(error)) throw error;
  return before ?? error;
}

/** How long an attempt may take; of the backend before the route before the model. */
function timesOf(
  { registry }: PlacementOptions,
  way: ModelChoice,
  route: Route | undefined,
): Pick<Attempt, 'timeoutMs' | 'firstTokenMs' | 'stallMs' | 'attemptMs'> {
  const times = { ...route?.spec.timeouts, ...way.timeouts };
  const read = (duration: string | undefined): number | undefined => (duration === undefined ? undefined : durationToMs(duration));
  const [firstTokenMs, stallMs, attemptMs] = [read(times.firstToken), read(times.stall), read(times.attempt)];
  return {
    timeoutMs: durationToMs(registry.get('Model', way.model)?.spec.timeout ?? '300s'),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(attemptMs === undefined ? {} : { attemptMs }),
  };
}

const defaultsOf = (model: Model | undefined): Pick<Attempt, 'defaults'> => (model?.spec.defaults === undefined ? {} : { defaults: model.spec.defaults });

function mirrorOf({ registry, pool, ids }: PlacementOptions, route: Route | undefined): Pick<Plan, 'mirror'> {
  const mirror = route?.spec.mirror;
  if (mirror === undefined || ids.random() * 100 >= mirror.percent) return {};
  const engines = decodeEndpoints(pool.enginesOf(mirror.model));
  const engine = engines[Math.min(engines.length - 1, Math.floor(ids.random() * engines.length))];
  return engine === undefined
    ? {}
    : { mirror: { engine, model: mirror.model, reason: `mirror of ${route?.metadata.name}`, ...defaultsOf(registry.get('Model', mirror.model)) } };
}

function attemptOrNothing(make: () => Attempt | undefined): Attempt | undefined {
  try {
    return make();
  } catch (error) {
    if (isPlatformError(error, 'no_endpoint')) return undefined;
    throw error;
  }
}

function nothingLeft(name: string, { skipped }: ModelChoices): PlatformError {
  const details = { route: name, skipped: skipped.map(({ model, problem }) => ({ model, problem })) };
  const out = skipped.map(({ model, problem }) => `${model} (${problem})`).join(', ');
  if (skipped.some(({ kind }) => kind === 'limit'))
    return new PlatformError('rate_limited', { message: `every backend of the route "${name}" is at its limit: ${out}`, details, retryAfterS: 5 });
  if (skipped.some(({ kind }) => kind === 'budget'))
    return new PlatformError('quota_exceeded', { message: `the budgets of the backends of the route "${name}" are spent: ${out}`, details });
  return new PlatformError('no_endpoint', {
    message:
      skipped.length === 0
        ? `the route "${name}" has no backend for this request; add one without conditions or with its tags`
        : `the route "${name}" has no backend that is ready: ${out}`,
    details,
    retryAfterS: 5,
  });
}
