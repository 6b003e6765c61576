import type { LoadReport, LoadStage } from '@maru/api/records';
import type { LoadTestDeps, LoadTestOptions } from './options.ts';
import { findModel, probeServer } from './request/probe-server.ts';
import { openTarget } from './request/target.ts';
import { planStages, type StagePlan, warmUpRequest } from './stage/plan-stage.ts';
import { runStage, type StageContext, sendPlanned } from './stage/run-stage.ts';
import { summariseStage } from './stage/summarise-stage.ts';

/**
 * Measures an OpenAI-compatible server: finds its model, learns what it understands, warms it up and runs the stages in order.
 * Stopped by the signal, it returns what was measured so far with `complete: false`. Throws when the server can not be
 * measured at all: `usage` (no address), `upstream_unreachable`, `upstream_rejected`, `model_not_found`, `cancelled`.
 */
export async function runLoadTest(options: LoadTestOptions, deps: LoadTestDeps): Promise<LoadReport> {
  const { clock, signal } = deps;
  const target = openTarget(options);
  try {
    const measuredAt = new Date(clock.nowMs()).toISOString();
    const facts = await findModel(target, options.model, signal);
    const known = await probeServer({ ...options, ...facts, target, clock, signal });
    const context: StageContext = { ...facts, ...known, target, clock, signal, options };
    await Promise.all(Array.from({ length: options.warmUpRequests }, (_, index) => sendPlanned(warmUpRequest(options, index), clock.monotonicMs(), context)));
    const plans = planStages(options);
    const stages: LoadStage[] = [];
    for (const [index, plan] of plans.entries()) {
      if (signal.aborted) break;
      const run = await runStage(plan, { ...context, onChange: watch(deps, plan, { number: index + 1, stages: plans.length }) });
      stages.push(summariseStage(plan, run, options));
    }
    return {
      kind: 'maru-load-report',
      version: 1,
      measuredAt,
      target: {
        url: target.url,
        operation: options.operation,
        model: facts.model,
        streaming: options.streaming,
        simulated: facts.simulated || known.simulated,
        maxModelLength: facts.maxModelLength,
      },
      client: options.client,
      workload: {
        input: options.input.text,
        output: options.output.text,
        sharedPrefixTokens: options.sharedPrefixTokens,
        trace: options.load.mode === 'trace' ? options.load.trace.name : null,
        seed: options.seed,
        ignoreEos: known.dialect.ignoreEos,
        warmUpRequests: options.warmUpRequests,
        ...known.tokenizing,
      },
      slo: options.slo,
      complete: stages.length === plans.length && stages.every((stage) => stage.complete),
      stages,
    };
  } finally {
    await target.close();
  }
}

function watch(deps: LoadTestDeps, plan: StagePlan, place: { readonly number: number; readonly stages: number }): StageContext['onChange'] {
  const { onProgress } = deps;
  if (onProgress === undefined) return undefined;
  return ({ done, failed, inFlight }) =>
    onProgress({ stage: plan.name, ...place, done, failed, inFlight, planned: plan.durationMs === undefined ? plan.count : null });
}
