import { PlatformError } from '@maru/api/errors';
import { twinProfile } from '#engines';
import { parseScaling } from '#fleet';
import { simulateTrace } from '../simulate-trace.ts';
import { DEFAULT_FLEET, type FleetOptions } from '../timed/fleet/fleet-options.ts';
import { parseFlow } from '../timed/flow/parse-flow.ts';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';
import { openWorkload } from '../workloads/workload.ts';
import type { CellResult, SweepCell, SweepPlan } from './sweep-plan.ts';

/** Plays one simulation of a sweep; throws as {@link openWorkload} and {@link simulateTrace}. */
export function runCell(plan: SweepPlan, cell: SweepCell): CellResult {
  const trace = limited(openWorkload(plan.tracePath), plan.limit);
  const { timed } = simulateTrace({
    trace,
    policies: [cell.policy],
    replicas: cell.replicas,
    rateScale: cell.rateScale,
    seed: cell.seed,
    profile: typeof plan.profile === 'string' ? twinProfile(plan.profile) : plan.profile,
    slo: plan.slo,
    gpuUsdPerHour: plan.gpuUsdPerHour,
    maxWaiting: plan.maxWaiting,
    flow: cell.flow === undefined ? undefined : parseFlow(cell.flow),
    fleet: fleetOf(plan, cell),
    ...(cell.kvBlocks === 0 ? {} : { kvBlocks: cell.kvBlocks }),
  });
  const [result] = timed;
  if (result === undefined) throw new PlatformError('internal', { message: `the simulation of ${cell.policy} gave no result` });
  return { cell, result };
}

function fleetOf({ fleet, slo }: SweepPlan, { scaling }: SweepCell): FleetOptions | undefined {
  if (scaling === undefined) return undefined;
  const spec = parseScaling(scaling);
  return { ...DEFAULT_FLEET, ...fleet, scaling: { ...spec, planner: { ...spec.planner, ...slo } } };
}

function limited(trace: RequestSource, limit: number | undefined): RequestSource {
  return limit === undefined ? trace : { blockTokens: trace.blockTokens, requests: { [Symbol.iterator]: () => firstOf(trace.requests, limit) } };
}

function* firstOf(requests: Iterable<TraceRequest>, limit: number): Generator<TraceRequest> {
  let count = 0;
  for (const request of requests) {
    if (count === limit) return;
    count += 1;
    yield request;
  }
}
