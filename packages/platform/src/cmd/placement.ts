import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import { type Agent, durationToMs } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Attempt, Placement, Plan, Principal, RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import { classifyFailure, type Router } from '#router';
import type { Ids } from '#time';
import type { EndpointCounters } from './endpoint-counters.ts';
import type { EnginePool } from './engine-pool.ts';
import { modelPlan } from './model-plan.ts';

export interface PlacementOptions {
  readonly registry: Registry;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly ids: Ids;
  readonly counters: EndpointCounters;
  /** An agent as an engine, for one caller. */
  readonly agentEngine: (agent: Agent, facts: RequestFacts) => Engine;
  /** What a model would cost; null where no price is known. */
  readonly costNanoUsd: (model: string, usage: Usage) => number | null;
  /** Whether a key may use a public name. */
  readonly allows: (principal: Principal, model: string) => boolean;
}

/** Where a request goes: the route's model choice, then the router's pick among replicas, then retries and fallbacks. */
export function createPlacement(options: PlacementOptions): Placement {
  const { router, counters } = options;
  return {
    plan: (facts, wishes) => (facts.target.kind === 'agent' ? agentPlan(options, facts) : modelPlan(options, facts, wishes)),
    observe({ attempt, outcome, usage, ttftMs, failure, costNanoUsd }) {
      counters.count(attempt.engine.endpoint, outcome);
      if (attempt.decision === undefined) return;
      router.observe(attempt.decision.id, {
        outcome,
        realisedCachedTokens: usage?.cacheReadTokens,
        ttftMs,
        outputTokens: usage?.outputTokens,
        costNanoUsd: costNanoUsd ?? undefined,
        ...(failure === undefined ? {} : { failure: classifyFailure({ code: failure.error.code, status: failure.status }) }),
        ...(failure?.error.retryAfterS === undefined ? {} : { retryAfterMs: failure.error.retryAfterS * 1000 }),
      });
      if (outcome === 'ok' && attempt.affinity !== undefined) {
        router.affinities.keep(attempt.affinity.key, { model: attempt.model, endpoint: attempt.engine.endpoint }, attempt.affinity.ttlMs);
      }
    },
  };
}

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
