import { PlatformError } from '@maru/api/errors';
import { INSTANCES } from './catalogue.ts';
import type { Demand, Workload } from './demand.ts';
import { formatBytes, formatMs } from './format.ts';
import { type Placement, placementName } from './placement.ts';
import type { Misfit, ReplicaCapacity } from './replica-capacity.ts';

export interface Candidate {
  readonly placement: Placement;
  readonly result: ReplicaCapacity | Misfit;
}

export interface NoFitFacts {
  readonly demand: Demand;
  readonly workload: Workload;
  readonly candidates: readonly Candidate[];
}

/** The error for a demand that nothing can serve: what came nearest, and which change would help. */
export function noFit(facts: NoFitFacts): PlatformError {
  const { demand, workload, candidates } = facts;
  const model = workload.architecture.id;
  if (candidates.length === 0) {
    const known = INSTANCES.map((instance) => instance.name);
    const asked = demand.instanceTypes?.join(', ') ?? '';
    return new PlatformError('no_fit', {
      message: `none of the instance types ${asked} is in the price catalogue with a known GPU; known are ${known.join(', ')}`,
      details: { known },
    });
  }
  const misfits = candidates.flatMap(({ placement, result }) => ('reason' in result ? [{ placement, misfit: result }] : []));
  if (misfits.length < candidates.length) {
    return new PlatformError('no_fit', {
      message: `${model} at ${workload.rps} requests per second needs more than the ${demand.maxGpus} GPUs allowed on every instance type; raise the limit, lower the load or relax the latency`,
    });
  }
  // The first token is judged first, so a miss between tokens means that its first token was in time.
  const timed =
    nearest(misfits.filter(({ misfit }) => misfit.reason === 'time between tokens')) ??
    nearest(misfits.filter(({ misfit }) => misfit.reason === 'time to first token'));
  if (timed !== undefined) {
    const { placement, misfit } = timed;
    return new PlatformError('no_fit', {
      message: `no instance type gives ${model} a ${misfit.reason} of ${formatMs(misfit.limit)}: the best is ${formatMs(misfit.best)} on ${placementName(placement)}, with one request at a time; relax the limit, shorten the ${misfit.reason === 'time to first token' ? 'prompt' : 'answer'} or use a smaller precision`,
      details: { reason: misfit.reason, best: misfit.best, limit: misfit.limit, placement: placementName(placement) },
    });
  }
  const largest = nearest(misfits);
  const best = largest?.misfit.best ?? 0;
  const need = largest?.misfit.limit ?? 0;
  const name = largest === undefined ? '' : placementName(largest.placement);
  const advice =
    workload.precision === 'int4'
      ? 'shorten the context or allow larger instance types'
      : 'use a smaller precision (fp8, int4), shorten the context or allow larger instance types';
  return new PlatformError('no_fit', {
    message: `${model} needs ${formatBytes(need)} of GPU memory for its weights and one sequence of ${workload.contextWindow} tokens; the most that a replica can have is ${formatBytes(best)} (${name}); ${advice}`,
    details: { reason: 'memory', best, limit: need, placement: name },
  });
}

interface Miss {
  readonly placement: Placement;
  readonly misfit: Misfit;
}

/** The one that misses its limit by the smallest factor. */
function nearest(misses: readonly Miss[]): Miss | undefined {
  const gap = ({ misfit }: Miss): number => (misfit.reason === 'memory' ? misfit.limit / misfit.best : misfit.best / misfit.limit);
  return [...misses].sort((left, right) => gap(left) - gap(right))[0];
}
