import { type Architecture, FACTORS, type Gpu } from './catalogue.ts';
import type { Workload } from './demand.ts';
import { kvBytesOfSequence, kvCopies, weightBytes } from './memory.ts';
import type { Placement } from './placement.ts';

const activationBytes = 2;

/**
 * Time that the prompt of one request keeps a replica busy:
 * (2 · active parameters · n + attention) / (GPUs · peak · MFU) + all-reduces of two per layer.
 */
export function prefillMs(workload: Workload, placement: Placement): number {
  const { architecture, inputTokens } = workload;
  const { gpu } = placement.instance;
  const active = architecture.activeParameters ?? architecture.parameters;
  const flops = 2 * active * inputTokens + attentionFlops(architecture, inputTokens);
  const computeMs = (flops / (placement.tensorParallel * peakFlops(workload, gpu) * gpu.prefillMfu)) * 1000;
  const chunks = Math.ceil(inputTokens / FACTORS.prefillChunkTokens);
  return computeMs + allReduceMs(workload, placement, { tokens: inputTokens, rounds: chunks }) + chunks * fixedStepMs(architecture, 0);
}

/**
 * Time of one decode step of a batch:
 * max((weights read + KV read) / (GPUs · bandwidth · efficiency), 2 · active · batch / (GPUs · peak · MFU)) + all-reduces + per-layer and per-sequence costs.
 * A pipeline over nodes is counted as if one node worked at a time.
 */
export function decodeStepMs(workload: Workload, placement: Placement, batch: number): number {
  const { architecture } = workload;
  const { gpu } = placement.instance;
  const contextTokens = workload.inputTokens + workload.outputTokens / 2;
  const kvBytes = batch * kvBytesOfSequence(architecture, contextTokens, workload.bytesPerKv) * kvCopies(architecture, placement.tensorParallel);
  const bytes = weightBytesRead(workload, batch) + kvBytes;
  const memoryMs = (bytes / (placement.tensorParallel * gpu.hbmTBps * 1e12 * FACTORS.hbmEfficiency)) * 1000;
  const active = architecture.activeParameters ?? architecture.parameters;
  const computeMs = ((2 * active * batch) / (placement.tensorParallel * peakFlops(workload, gpu) * gpu.decodeMfu)) * 1000;
  return Math.max(memoryMs, computeMs) + allReduceMs(workload, placement, { tokens: batch, rounds: 1 }) + fixedStepMs(architecture, batch);
}

/** A batch wakes more experts than one token does; a dense model always reads everything. */
function weightBytesRead(workload: Workload, batch: number): number {
  const { architecture } = workload;
  const all = weightBytes(architecture, workload.precision);
  const active = architecture.activeParameters;
  if (active === undefined) return all;
  if (architecture.experts === undefined || architecture.expertsPerToken === undefined) return all;
  const share = architecture.expertsPerToken / architecture.experts;
  const expertParameters = Math.min(architecture.parameters, (architecture.parameters - active) / (1 - share));
  const touched = 1 - (1 - share) ** Math.max(1, batch);
  return all * ((architecture.parameters - expertParameters + expertParameters * touched) / architecture.parameters);
}

/** Scores and weighted values over the causal half of the matrix; sliding layers see only their window. */
function attentionFlops(architecture: Architecture, tokens: number): number {
  const window = architecture.slidingWindow;
  const fullLayers = window?.fullLayers ?? architecture.layers;
  const slidingLayers = architecture.layers - fullLayers;
  const width = architecture.attentionHeads * architecture.headDim;
  return 2 * width * tokens * (fullLayers * tokens + slidingLayers * Math.min(tokens, 2 * (window?.tokens ?? 0)));
}

/** Eight-bit weights run on the fp8 units where the chip has them; other small weights are unpacked to 16 bit. */
function peakFlops(workload: Workload, gpu: Gpu): number {
  const eightBit = workload.precision === 'fp8' || (workload.precision === 'native' && workload.architecture.bytesPerWeight === 1);
  return (eightBit && gpu.fp8Tflops !== null ? gpu.fp8Tflops : gpu.bf16Tflops) * 1e12;
}

/** A ring all-reduce sends 2 · (t − 1) / t of the message over each link. */
function allReduceMs(workload: Workload, placement: Placement, message: { readonly tokens: number; readonly rounds: number }): number {
  const { architecture } = workload;
  const gpus = placement.tensorParallel;
  if (gpus === 1) return 0;
  const bytes = message.tokens * architecture.hiddenSize * activationBytes * ((2 * (gpus - 1)) / gpus);
  const calls = 2 * architecture.layers;
  return calls * ((bytes / (placement.instance.gpu.linkGBps * 1e9)) * 1000 + message.rounds * FACTORS.allReduceLatencyMs);
}

const fixedStepMs = (architecture: Architecture, batch: number): number =>
  FACTORS.stepPerLayerMs * architecture.layers + FACTORS.stepPerSequenceMs * batch + FACTORS.stepFixedMs;
