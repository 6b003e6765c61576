import { FACTORS, INSTANCES, type Instance, PRICES } from './catalogue.ts';
import type { CapacityType, Demand, Workload } from './demand.ts';
import { explainPlan } from './explain-plan.ts';
import { kvBytesOfSequence, weightBytes } from './memory.ts';
import { type Candidate, noFit } from './no-fit.ts';
import { gpusOf, multiNodePlacements, type Placement, singleNodePlacements } from './placement.ts';
import { operatingPointAt, type ReplicaCapacity, replicaCapacity } from './replica-capacity.ts';
import type { SizeOption, SizePlan } from './size-plan.ts';
import { toWorkload } from './to-workload.ts';

const MAX_ALTERNATIVES = 5;

/**
 * How many GPUs of which kind a demand needs, and what they cost: memory from published figures, speed from a roofline,
 * replicas by Little's law, money from dated prices. Pure: the same demand always gives the same plan.
 * Throws `invalid_request` (a field of the demand), `model_unknown`, and `no_fit` with what would fit.
 *
 * @example sizeModel({ model: 'llama-3.1-8b', inputTokens: 2000, outputTokens: 500, rps: 20, ttftMs: 1000, itlMs: 50 }).choice.instance
 */
export function sizeModel(demand: Demand): SizePlan {
  const workload = toWorkload(demand);
  const capacityType = demand.capacityType ?? 'on-demand';
  const instances = allowedInstances(demand);
  const candidates = tryPlacements(workload, instances);
  const options = candidates
    .flatMap((candidate) =>
      isCapacity(candidate.result) ? [toOption(workload, { placement: candidate.placement, capacity: candidate.result, capacityType })] : [],
    )
    .filter((option) => option.gpusRented <= (demand.maxGpus ?? Number.POSITIVE_INFINITY))
    .sort(cheapestFirst);
  const [choice, ...rest] = options;
  if (choice === undefined) throw noFit({ demand, workload, candidates });

  const weightsBytes = weightBytes(workload.architecture, workload.precision);
  const plan = {
    model: workload.architecture.id,
    weightsBytes,
    kvBytesPerToken:
      kvBytesOfSequence(workload.architecture, 200_001, workload.bytesPerKv) - kvBytesOfSequence(workload.architecture, 200_000, workload.bytesPerKv),
    kvBytesPerSequence: kvBytesOfSequence(workload.architecture, workload.inputTokens + workload.outputTokens, workload.bytesPerKv),
    minReplicaBytes: weightsBytes + kvBytesOfSequence(workload.architecture, workload.contextWindow, workload.bytesPerKv),
    choice,
    // One alternative per instance type: five ways to cut the same machine are no choice.
    alternatives: rest
      .filter((option, index) => option.instance !== choice.instance && rest.findIndex((other) => other.instance === option.instance) === index)
      .slice(0, MAX_ALTERNATIVES),
    prices: { ...PRICES, capacityType },
  };
  return { ...plan, reasoning: explainPlan(workload, plan) };
}

function allowedInstances(demand: Demand): readonly Instance[] {
  const names = demand.instanceTypes;
  return names === undefined ? INSTANCES : INSTANCES.filter((instance) => names.includes(instance.name));
}

/** Several nodes per replica are tried only when no single node can hold the model. */
function tryPlacements(workload: Workload, instances: readonly Instance[]): readonly Candidate[] {
  const attempt = (placement: Placement): Candidate => ({ placement, result: replicaCapacity(workload, placement) });
  const single = singleNodePlacements(workload.architecture, instances).map(attempt);
  const held = single.some(({ result }) => isCapacity(result) || result.reason !== 'memory');
  return held ? single : [...single, ...multiNodePlacements(workload.architecture, instances).map(attempt)];
}

const isCapacity = (result: Candidate['result']): result is ReplicaCapacity => 'peak' in result;

interface OptionParts {
  readonly placement: Placement;
  readonly capacity: ReplicaCapacity;
  readonly capacityType: CapacityType;
}

function toOption(workload: Workload, parts: OptionParts): SizeOption {
  const { placement, capacity } = parts;
  const { instance } = placement;
  // The tiny allowance keeps a load that fills replicas exactly from asking for one more through rounding.
  const replicas = Math.max(1, Math.ceil((workload.rps * (1 + FACTORS.loadHeadroom)) / capacity.peak.requestsPerSecond - 1e-9));
  const perInstance = Math.max(1, Math.floor(instance.gpuCount / placement.tensorParallel));
  const count = placement.pipelineParallel === 1 ? Math.ceil(replicas / perInstance) : replicas * placement.pipelineParallel;
  const price = Math.round(instance.onDemandNanoUsdPerHour * (parts.capacityType === 'spot' ? FACTORS.spotShareOfOnDemand : 1));
  const perHour = price * count;
  const tokensPerHour = workload.rps * 3600 * (workload.inputTokens + workload.outputTokens);
  const expected = operatingPointAt(workload, placement, { rps: workload.rps / replicas, peak: capacity.peak });
  return {
    instance: instance.name,
    gpu: instance.gpu.name,
    tensorParallel: placement.tensorParallel,
    pipelineParallel: placement.pipelineParallel,
    replicas,
    instances: count,
    gpusUsed: replicas * gpusOf(placement),
    gpusRented: count * instance.gpuCount,
    kvTokens: capacity.kvTokens,
    peakRpsPerReplica: capacity.peak.requestsPerSecond,
    peakConcurrencyPerReplica: capacity.peak.concurrency,
    boundBy: capacity.boundBy,
    concurrencyPerReplica: expected.concurrency,
    ttftMs: expected.ttftMs,
    itlMs: expected.itlMs,
    costNanoUsdPerHour: perHour,
    costNanoUsdPerMonth: perHour * FACTORS.hoursPerMonth,
    costNanoUsdPerMillionTokens: Math.round((perHour / tokensPerHour) * 1e6),
    costNanoUsdPerMillionOutputTokens: Math.round((perHour / (workload.rps * 3600 * workload.outputTokens)) * 1e6),
  };
}

/** Equal prices: fewer GPUs, then less sharing of a layer, then by name, so that the order never depends on the catalogue's. */
const cheapestFirst = (left: SizeOption, right: SizeOption): number =>
  left.costNanoUsdPerHour - right.costNanoUsdPerHour ||
  left.gpusUsed - right.gpusUsed ||
  left.tensorParallel - right.tensorParallel ||
  left.instance.localeCompare(right.instance);
