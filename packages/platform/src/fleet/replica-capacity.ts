import { FACTORS } from './catalogue.ts';
import type { Workload } from './demand.ts';
import { kvBytesOfSequence, kvCopies, weightBytes } from './memory.ts';
import { gpusOf, type Placement } from './placement.ts';
import { decodeStepMs, prefillMs } from './roofline.ts';

/** What keeps a replica from taking more. */
export type Bound = 'kv memory' | 'sequence slots' | 'time to first token' | 'time between tokens' | 'prefill';

/** A replica under a steady load. */
export interface OperatingPoint {
  /** Sequences in flight (Little's law: rate times time in the replica). */
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  /** Share of the time that goes into prompts. */
  readonly prefillShare: number;
}

export interface ReplicaCapacity {
  readonly usableBytes: number;
  readonly kvBytes: number;
  /** Tokens that the KV cache holds. */
  readonly kvTokens: number;
  /** The most that the replica takes within the limits. */
  readonly peak: OperatingPoint;
  readonly boundBy: Bound;
}

/** Why a placement is out of the question; `best` is the figure that missed the limit. */
export interface Misfit {
  readonly reason: 'memory' | 'time to first token' | 'time between tokens';
  readonly best: number;
  readonly limit: number;
}

/** The highest steady load of one replica that keeps all limits, or why there is none. Pure. */
export function replicaCapacity(workload: Workload, placement: Placement): ReplicaCapacity | Misfit {
  const { architecture } = workload;
  const usableBytes = placement.instance.gpuMemoryBytes * gpusOf(placement) * FACTORS.gpuMemoryUse;
  const copies = kvCopies(architecture, placement.tensorParallel);
  const kvBytes = usableBytes - weightBytes(architecture, workload.precision);
  const longest = kvBytesOfSequence(architecture, workload.contextWindow, workload.bytesPerKv) * copies;
  if (kvBytes < longest) return { reason: 'memory', best: usableBytes, limit: usableBytes - kvBytes + longest };

  const sequenceTokens = workload.inputTokens + workload.outputTokens;
  const sequenceBytes = kvBytesOfSequence(architecture, sequenceTokens, workload.bytesPerKv) * copies;
  const slots = maxSequences(placement);
  const byMemory = Math.floor(kvBytes / sequenceBytes);
  const most = Math.min(slots, byMemory);

  const first = operatingPoint(workload, placement, 1);
  if (first.ttftMs > workload.ttftMs) return { reason: 'time to first token', best: first.ttftMs, limit: workload.ttftMs };
  if (first.itlMs > workload.itlMs) return { reason: 'time between tokens', best: first.itlMs, limit: workload.itlMs };

  // Rate, TTFT and ITL all grow with the batch, so the largest batch within the limits is found by halving.
  let fits = 1;
  let over = most + 1;
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (limitMissed(operatingPoint(workload, placement, middle), workload) === undefined) fits = middle;
    else over = middle;
  }
  const stopped = fits === most ? undefined : limitMissed(operatingPoint(workload, placement, fits + 1), workload);
  return {
    usableBytes,
    kvBytes,
    kvTokens: Math.floor((kvBytes / sequenceBytes) * sequenceTokens),
    peak: operatingPoint(workload, placement, fits),
    boundBy: stopped ?? (byMemory <= slots ? 'kv memory' : 'sequence slots'),
  };
}

/** The replica at a given load per second, which must not be above its peak. */
export function operatingPointAt(workload: Workload, placement: Placement, load: { readonly rps: number; readonly peak: OperatingPoint }): OperatingPoint {
  let low = 0;
  let high = load.peak.concurrency;
  for (let round = 0; round < 50; round += 1) {
    const middle = (low + high) / 2;
    if (operatingPoint(workload, placement, middle).requestsPerSecond < load.rps) low = middle;
    else high = middle;
  }
  return operatingPoint(workload, placement, high);
}

/**
 * With b sequences in flight, s ms per decode step and p ms per prompt, Little's law gives the rate b / (output · s + b · p):
 * prompts of others stretch every gap between tokens. Prompts queue among themselves as in M/D/1.
 */
function operatingPoint(workload: Workload, placement: Placement, concurrency: number): OperatingPoint {
  const stepMs = decodeStepMs(workload, placement, concurrency);
  const promptMs = prefillMs(workload, placement);
  const perMs = concurrency / (workload.outputTokens * stepMs + concurrency * promptMs);
  const prefillShare = perMs * promptMs;
  return {
    concurrency,
    requestsPerSecond: perMs * 1000,
    ttftMs: FACTORS.requestFixedMs + stepMs + promptMs * (1 + prefillShare / (2 * (1 - prefillShare))),
    itlMs: stepMs + (concurrency * promptMs) / workload.outputTokens,
    prefillShare,
  };
}

function limitMissed(point: OperatingPoint, workload: Workload): Bound | undefined {
  if (point.ttftMs > workload.ttftMs) return 'time to first token';
  if (point.itlMs > workload.itlMs) return 'time between tokens';
  return point.prefillShare > FACTORS.maxUtilisation ? 'prefill' : undefined;
}

const LARGE_GPU_BYTES = 70 * 2 ** 30;

function maxSequences(placement: Placement): number {
  const { gpu, gpuMemoryBytes } = placement.instance;
  return gpuMemoryBytes >= LARGE_GPU_BYTES && !gpu.id.startsWith('a100') ? FACTORS.maxSequencesLargeGpu : FACTORS.maxSequences;
}
