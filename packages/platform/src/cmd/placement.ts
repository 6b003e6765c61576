import { PlatformError } from '@maru/api/errors';
import { durationToMs } from '@maru/api/resources';
import type { Attempt, Placement, Plan, RequestFacts } from '#gateway';
import { classifyFailure } from '#router';
import { modelPlan } from './model-plan.ts';
import { FlowModels } from './model-queue.ts';
import type { PlacementOptions } from './placement-options.ts';

/** Where a request goes: the route's model choice, then the router's pick among replicas, then retries and fallbacks. */
export function createPlacement(options: PlacementOptions): Placement {
  const { router, counters, fleets, flow } = options;
  const models = new FlowModels(options);
  return {
    plan: (facts, wishes) => (facts.target.kind === 'agent' ? agentPlan(options, facts) : modelPlan({ options, models }, facts, wishes)),
    shown({ decision, model }) {
      if (decision === undefined) return;
      router.firstToken(decision.id);
      flow.freed(model);
    },
    observe(observed) {
      const { attempt, outcome, usage, ttftMs, durationMs, failure, costNanoUsd } = observed;
      counters.count(attempt.engine.endpoint, outcome);
      if (attempt.decision === undefined) return;
      fleets.answered(observed);
      router.observe(attempt.decision.id, {
        outcome,
        realisedCachedTokens: usage?.cacheReadTokens,
        ttftMs,
        durationMs,
        outputTokens: usage?.outputTokens,
        costNanoUsd: costNanoUsd ?? undefined,
        failure: failure === undefined ? undefined : classifyFailure({ code: failure.error.code, status: failure.status }),
        retryAfterMs: failure?.error.retryAfterS === undefined ? undefined : failure.error.retryAfterS * 1000,
      });
      flow.freed(attempt.model);
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
