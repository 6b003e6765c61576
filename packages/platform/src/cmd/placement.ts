import { isPlatformError, PlatformError } from '@maru/api/errors';
import { type Agent, durationToMs, type Route } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Attempt, AttemptFailure, Placement, Plan, RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import { promptFacts, type Router } from '#router';
import { backoffMs, type Ids } from '#time';
import type { EndpointCounters } from './endpoint-counters.ts';
import type { EnginePool } from './engine-pool.ts';

export interface PlacementOptions {
  readonly registry: Registry;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly ids: Ids;
  readonly counters: EndpointCounters;
  /** An agent as an engine, for one caller. */
  readonly agentEngine: (agent: Agent, facts: RequestFacts) => Engine;
}

interface Way {
  readonly model: string;
  readonly reason: string;
}

/** Where a request goes: the route's model choice, then the router's pick among replicas, then retries and fallbacks. */
export function createPlacement(options: PlacementOptions): Placement {
  const { registry, router } = options;
  return {
    plan(facts) {
      if (facts.target.kind === 'agent') return agentPlan(options, facts);
      return modelPlan(options, facts);
    },
    observe({ attempt, outcome, usage, ttftMs }) {
      options.counters.count(attempt.engine.endpoint, outcome);
      if (attempt.decision === undefined) return;
      router.observe(attempt.decision.id, { outcome, realisedCachedTokens: usage?.cacheReadTokens, ttftMs, outputTokens: usage?.outputTokens });
    },
  };

  function modelPlan(own: PlacementOptions, facts: RequestFacts): Plan {
    const prompt = promptFacts({
      promptBytes: facts.promptBytes,
      promptTokens: facts.promptTokens,
      maxTokens: facts.maxTokens,
      tools: facts.tools,
      images: facts.images,
      value: () => facts.value(),
    });
    const route = facts.target.kind === 'route' ? routeOf(registry, facts.target.name) : undefined;
    const ways = route === undefined ? [{ model: facts.target.name, reason: 'asked for by name' }] : waysOf(own, { route, facts, prompt });
    if (ways.length === 0)
      throw new PlatformError('no_endpoint', {
        message: `the route "${facts.target.name}" has no backend for this request; add one without conditions`,
        details: { route: facts.target.name },
      });
    const retries = route?.spec.retries ?? { attempts: 1, backoff: '100ms' };
    const tried = new Map<string, string[]>();
    let way = 0;
    let left = retries.attempts;

    const attemptAt = (current: Way, delayMs: number): Attempt => {
      const engines = own.pool.enginesOf(current.model);
      const problem = own.pool.problemOf(current.model);
      if (engines.length === 0 && problem !== undefined)
        throw new PlatformError('no_endpoint', { message: `the model "${current.model}" can not be served: ${problem}`, details: { model: current.model } });
      const already = tried.get(current.model) ?? [];
      const request = {
        requestId: facts.requestId,
        traceId: facts.traceId,
        route: facts.target.name,
        model: current.model,
        reason: current.reason,
        policy: route?.spec.policy ?? 'maru',
        facts: prompt,
        session: facts.session,
      };
      // When every replica has failed once, a retry may go to one of them again.
      const { endpoint: engine, decision } = router.pickEndpoint({ ...request, tried: already.length < engines.length ? already : [] }, engines);
      tried.set(current.model, [...already, engine.endpoint]);
      const timeoutMs = durationToMs(registry.get('Model', current.model)?.spec.timeout ?? '300s');
      return { engine, model: current.model, reason: decision.reason, decision, delayMs, timeoutMs };
    };

    const nextWay = (): Attempt | undefined => {
      while (way + 1 < ways.length) {
        way += 1;
        left = retries.attempts;
        const current = ways[way];
        if (current === undefined) return undefined;
        try {
          return attemptAt(current, 0);
        } catch (error) {
          if (!isPlatformError(error, 'no_endpoint')) throw error;
        }
      }
      return undefined;
    };

    const plan: Plan = {
      next(failure: AttemptFailure | undefined) {
        const current = ways[way];
        if (current === undefined) return undefined;
        if (failure === undefined) {
          try {
            return attemptAt(current, 0);
          } catch (error) {
            const other = isPlatformError(error, 'no_endpoint') ? nextWay() : undefined;
            if (other !== undefined) return other;
            throw error;
          }
        }
        if (failure.error.retryable && left > 0) {
          left -= 1;
          const attempt = (tried.get(current.model) ?? []).length - 1;
          return attemptAt(current, backoffMs(attempt, { baseMs: durationToMs(retries.backoff), maxMs: 5000, random: () => own.ids.random() }));
        }
        return canGoElsewhere(failure) ? nextWay() : undefined;
      },
    };
    const deadline = route?.spec.timeout;
    return deadline === undefined ? plan : { ...plan, deadlineMs: durationToMs(deadline) };
  }
}

/** A request that is wrong in itself is wrong everywhere; what is wrong with one vendor may work with another. */
const canGoElsewhere = ({ error }: AttemptFailure): boolean =>
  error.retryable || ['upstream_credentials', 'upstream_rejected', 'context_length_exceeded', 'not_supported'].includes(error.code);

function waysOf(options: PlacementOptions, request: { route: Route; facts: RequestFacts; prompt: ReturnType<typeof promptFacts> }): readonly Way[] {
  const { registry, pool, router } = options;
  const { route, facts, prompt } = request;
  const experiment = route.spec.experiment === undefined ? undefined : registry.get('Experiment', route.spec.experiment);
  return router.chooseModel(
    route,
    { requestId: facts.requestId, prompt, tenant: facts.principal.tenant, session: facts.session, user: facts.principal.user, headers: facts.headers },
    {
      experiment,
      routeNamed: (name) => registry.get('Route', name),
      unavailable: (model) => (pool.enginesOf(model).length === 0 ? (pool.problemOf(model) ?? 'no replica is ready') : undefined),
    },
  );
}

const routeOf = (registry: Registry, name: string): Route | undefined =>
  registry.get('Route', name) ?? registry.list('Route').find((route) => route.spec.aliases.includes(name));

function agentPlan(options: PlacementOptions, facts: RequestFacts): Plan {
  const name = facts.target.name.slice('agent/'.length);
  const agent = options.registry.get('Agent', name);
  if (agent === undefined) throw new PlatformError('model_not_found', { message: `there is no agent called "${name}"` });
  const attempt: Attempt = {
    engine: options.agentEngine(agent, facts),
    model: facts.target.name,
    reason: 'an agent, asked for by name',
    kind: 'agent',
    timeoutMs: durationToMs(agent.spec.timeout),
  };
  let given = false;
  return {
    next: () => {
      if (given) return undefined;
      given = true;
      return attempt;
    },
  };
}
