import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Route } from '@maru/api/resources';
import type { Attempt, AttemptFailure, CallWishes, Plan, RequestFacts } from '#gateway';
import { classifyFailure, decodeEndpoints, flowSettings, type ModelChoice, type PromptFacts, type Walk, walkWays } from '#router';
import { chooseWays } from './choose-ways.ts';
import { placeCall } from './disaggregated-call.ts';
import { litellmAttempt } from './litellm-attempt.ts';
import { type FlowModels, isPassedOn, ModelQueue, priorityOf } from './model-queue.ts';
import type { PlacementOptions } from './placement-options.ts';
import { PlanWays } from './plan-ways.ts';
import { policyOfModel } from './policy-of-model.ts';
import { promptOf } from './route-facts.ts';
import { routeOfCall } from './route-of-call.ts';
import { attemptLimits, modelTimeoutMs, type RouteSettings, routeSettings, sloOf, withinMs } from './route-settings.ts';
import { withStar } from './wildcards.ts';

/** Of the blocks that prompts are told apart by. */
const BYTES_PER_TOKEN = 4;

interface PlanTools {
  readonly options: PlacementOptions;
  readonly models: FlowModels;
}

/** The ways of a request to a model or a route. Throws when nothing can take it. */
export const modelPlan = (tools: PlanTools, facts: RequestFacts, wishes: CallWishes): Plan => new ModelPlan(tools, facts, wishes);

type Affinity = NonNullable<Attempt['affinity']>;

/** Endpoints of one model that the request has been at. */
interface Tried {
  readonly model: string;
  readonly endpoints: string[];
}

class ModelPlan implements Plan {
  readonly deadlineMs: number | undefined;
  readonly continuation: Plan['continuation'];
  readonly mirror: Attempt | undefined;
  readonly hedge: Plan['hedge'];
  readonly #options: PlacementOptions;
  readonly #facts: RequestFacts;
  readonly #route: Route | undefined;
  readonly #settings: RouteSettings;
  readonly #prompt: PromptFacts;
  readonly #sticky: Affinity | undefined;
  /** Where the session was. */
  readonly #place: { readonly model: string; readonly endpoint: string } | undefined;
  readonly #ways: readonly ModelChoice[];
  readonly #priority: number;
  readonly #queue: ModelQueue;
  readonly #walk: Walk;
  readonly #tried: Tried[] = [];
  #marks: Attempt['routeAttributes'];
  #asked = false;

  constructor({ options, models }: PlanTools, facts: RequestFacts, wishes: CallWishes) {
    const { registry, router } = options;
    const route = routeOfCall(registry, facts);
    const settings = routeSettings(route);
    this.#options = options;
    this.#facts = facts;
    this.#route = route;
    this.#settings = settings;
    this.#prompt = promptOf(facts);
    this.#sticky = route === undefined ? undefined : affinityOf(route, settings, facts);
    this.#place = this.#sticky === undefined ? undefined : router.affinities.find(this.#sticky.key);
    this.#ways = chooseWays(options, { route, facts, prompt: this.#prompt, wishes, stickTo: this.#place?.model });
    this.#priority = priorityOf(registry, route, facts);
    this.#queue = new ModelQueue(models, { facts, priority: this.#priority, withinMs: withinMs(settings, facts) });
    this.#walk = walkWays(new PlanWays(options, { ways: this.#ways, recovery: settings.recovery, route, wishes }));
    this.deadlineMs = settings.timeoutMs;
    this.continuation = route?.spec.continuation;
    this.mirror = route?.spec.mirror === undefined ? undefined : mirrorOf(options, route);
    this.hedge = settings.hedgeAfterMs === undefined ? undefined : { afterMs: settings.hedgeAfterMs, next: () => this.#beside() };
  }

  next(failure: AttemptFailure | undefined): ReturnType<Plan['next']> {
    if (failure !== undefined) return this.#after(failure);
    const preparing = this.#asked ? undefined : this.#options.fleets.prepare(this.#models(), this.#facts, this.#prompt);
    this.#asked = true;
    return preparing === undefined ? this.#firstFrom(this.#walk.current(), undefined) : preparing.then(() => this.#firstFrom(this.#walk.current(), undefined));
  }

  abandon(reason: PlatformError): void {
    this.#queue.abandon(reason);
  }

  #models(): readonly string[] {
    const names = this.#ways.map((way) => way.model);
    return names.length === 1 ? names : [...new Set(names)];
  }

  /** The first way, from the current one on, that has an endpoint and a place. */
  #firstFrom(way: ModelChoice | undefined, thrown: unknown): Attempt | undefined | Promise<Attempt | undefined> {
    let problem = thrown;
    for (let at = way; at !== undefined; at = this.#walk.skip()) {
      try {
        const made = this.#placed(at, 0);
        if (made instanceof Promise) return made.catch((error: unknown) => this.#firstFrom(this.#walk.skip(), passedOn(error, problem)));
        return made;
      } catch (error) {
        problem = passedOn(error, problem);
      }
    }
    if (problem !== undefined) throw problem;
    return undefined;
  }

  async #after({ error, status }: AttemptFailure): Promise<Attempt | undefined> {
    const current = this.#walk.current();
    if (current === undefined) return undefined;
    const found = this.#walk.next({
      failure: classifyFailure({ code: error.code, status }),
      retryAfterMs: error.retryAfterS === undefined ? undefined : error.retryAfterS * 1000,
      freshEndpoint: this.#isFresh(current.model),
    });
    if (found === undefined) return undefined;
    try {
      return await this.#placed(found.way, found.delayMs);
    } catch (problem) {
      if (!isPassedOn(problem)) throw problem;
    }
    try {
      return await this.#firstFrom(this.#walk.skip(), undefined);
    } catch (problem) {
      // The failure that is known already says more than a way that has gone.
      if (!isPassedOn(problem)) throw problem;
      return undefined;
    }
  }

  #beside(): Attempt | undefined {
    const current = this.#walk.current();
    const way = current !== undefined && this.#isFresh(current.model) ? current : this.#walk.following();
    return way === undefined || !this.#isFresh(way.model) || !this.#queue.isOpen(way.model)
      ? undefined
      : attemptOrNothing(() => this.#attemptAt({ ...way, reason: `asked beside, the first was slow; ${way.reason}` }, 0, undefined));
  }

  /** The first attempt at a model waits for its turn; one after a failure takes the place that has become free. */
  #placed(way: ModelChoice, delayMs: number): Attempt | Promise<Attempt> {
    if (this.#triedAt(way.model) !== undefined) return this.#attemptAt(way, delayMs, undefined);
    return this.#queue.enter(way.model, (queuedMs) => this.#attemptAt(way, delayMs, queuedMs));
  }

  #attemptAt(way: ModelChoice, delayMs: number, queuedMs: number | undefined): Attempt {
    const options = this.#options;
    const facts = this.#facts;
    const route = this.#route;
    const name = way.model;
    const engines = options.pool.enginesOf(name);
    if (engines.length === 0) refuseBroken(name, options.pool.problemOf(name));
    const tried = this.#triedAt(name);
    const model = options.registry.get('Model', name);
    const placed = placeCall(
      options,
      {
        requestId: facts.requestId,
        traceId: facts.traceId,
        route: facts.target.name,
        model: name,
        reason: way.reason,
        policy: route?.spec.policy ?? policyOfModel(model),
        facts: this.#prompt,
        session: facts.session,
        tellsFirstToken: facts.stream,
        // When every replica has failed once, a retry may go to one of them again.
        tried: tried !== undefined && tried.endpoints.length < decodeEndpoints(engines).length ? tried.endpoints : undefined,
        prefer: route?.spec.affinity?.to === 'endpoint' && this.#place?.model === name ? this.#place.endpoint : undefined,
        health: this.#settings.health,
        slo: sloOf(this.#settings, facts),
        adapter: options.fleets.fleetOf(name)?.adapter,
        priority: this.#priority,
        queuedMs,
        saturation: flowSettings(model?.spec.flowControl)?.saturation,
        onlyInTime: this.#priority < 0 && facts.slo?.ttftMs !== undefined,
      },
      { engines, model, operation: facts.operation },
    );
    const { endpoint: engine, decision } = placed;
    const retries = tried?.endpoints.length ?? 0;
    if (tried === undefined) this.#tried.push({ model: name, endpoints: [engine.endpoint] });
    else tried.endpoints.push(engine.endpoint);
    options.fleets.sent(decision, this.#prompt, facts.promptBytes.length);
    const limits = attemptLimits(way.timeouts, this.#settings.limits);
    const litellm = litellmAttempt(model, { requestId: facts.requestId, retries, fallbacks: this.#tried.length - 1 });
    return {
      engine: withStar(engine, route, facts.target.name),
      model: name,
      reason: decision.reason,
      decision,
      routeAttributes: this.#marked(),
      delayMs,
      timeoutMs: modelTimeoutMs(model),
      firstTokenMs: limits.firstTokenMs,
      stallMs: limits.stallMs,
      attemptMs: limits.attemptMs,
      affinity: this.#sticky,
      dropParams: litellm?.dropParams,
      defaults: model?.spec.defaults,
      legs: placed.legs,
      headers: litellm?.headers,
      finalHeaders: litellm?.finalHeaders,
    };
  }

  #triedAt(name: string): Tried | undefined {
    for (const tried of this.#tried) if (tried.model === name) return tried;
    return undefined;
  }

  #isFresh(name: string): boolean {
    return (this.#triedAt(name)?.endpoints.length ?? 0) < decodeEndpoints(this.#options.pool.enginesOf(name)).length;
  }

  /** Told in traces, where that is not switched off. */
  #marked(): Attempt['routeAttributes'] {
    const prompt = this.#prompt;
    this.#marks ??= this.#options.markPrompt?.({
      hashBytes: prompt.blockTokens * BYTES_PER_TOKEN,
      promptBytes: this.#facts.promptBytes.length,
      hashes: () => prompt.blockHashes(),
    });
    return this.#marks;
  }
}

function refuseBroken(model: string, problem: string | undefined): void {
  if (problem !== undefined) throw new PlatformError('no_endpoint', { message: `the model "${model}" can not be served: ${problem}`, details: { model } });
}

function affinityOf(route: Route, { affinityTtlMs }: RouteSettings, facts: RequestFacts): Affinity | undefined {
  const { affinity } = route.spec;
  if (affinity === undefined) return undefined;
  const { principal } = facts;
  const who = { session: facts.session, user: principal.user, key: principal.keyId, tenant: principal.tenant }[affinity.by];
  return who === undefined ? undefined : { key: `${route.metadata.name}/${principal.tenant}/${affinity.by}/${who}`, ttlMs: affinityTtlMs };
}

/** What is told when no other way is left: the first problem of several. Throws what no other way would help with. */
function passedOn(error: unknown, before: unknown): unknown {
  if (!isPassedOn(error)) throw error;
  return before ?? error;
}

function mirrorOf({ registry, pool, ids }: PlacementOptions, { metadata, spec: { mirror } }: Route): Attempt | undefined {
  if (mirror === undefined || ids.random() * 100 >= mirror.percent) return undefined;
  const engines = decodeEndpoints(pool.enginesOf(mirror.model));
  const engine = engines[Math.min(engines.length - 1, Math.floor(ids.random() * engines.length))];
  if (engine === undefined) return undefined;
  return { engine, model: mirror.model, reason: `mirror of ${metadata.name}`, defaults: registry.get('Model', mirror.model)?.spec.defaults };
}

function attemptOrNothing(make: () => Attempt | undefined): Attempt | undefined {
  try {
    return make();
  } catch (error) {
    if (isPlatformError(error, 'no_endpoint')) return undefined;
    throw error;
  }
}
