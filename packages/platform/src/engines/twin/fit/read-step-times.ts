import { z } from 'zod';
import type { StepWork } from '../step-time.ts';
import type { MeasuredTime, Measurements } from './measured-time.ts';

const count = z.number().int().nonnegative();

const pointSchema = z.object({
  series: z.string(),
  promptTokens: count,
  promptContext: count,
  decodeSequences: count,
  decodeContextEach: count,
  medianMs: z.number().positive(),
});

/** What `bench/gpu/measure.py` writes. */
export const stepTimesSchema = z.object({
  kind: z.literal('maru-step-times'),
  version: z.literal(1),
  measuredAt: z.string(),
  shape: z.object({ title: z.string(), weightBytes: z.number().positive(), kvBytesPerToken: z.number().positive() }),
  conditions: z.object({
    device: z.string(),
    torch: z.string(),
    dtype: z.string(),
    cudaGraphs: z.boolean(),
    driver: z.string().optional(),
    memoryBytes: z.number().positive().optional(),
  }),
  attention: z.object({ prefill: z.string(), decode: z.string() }),
  points: z.array(pointSchema).min(1),
});

/** Share of the memory that engines take, and what a step needs on the way. */
const MEMORY_SHARE = 0.9;
const ACTIVATION_BYTES = 4e9;

/** Reads the points of a checked file of step times. */
export function readStepTimes(file: z.infer<typeof stepTimesSchema>): Measurements {
  const { shape, conditions, attention } = file;
  const kvBytes = conditions.memoryBytes === undefined ? 0 : MEMORY_SHARE * conditions.memoryBytes - shape.weightBytes - ACTIVATION_BYTES;
  return {
    times: file.points.map(toTime),
    source:
      `measured on ${file.measuredAt.slice(0, 10)}: steps of a decoder with random weights in ${conditions.dtype}, PyTorch ${conditions.torch}` +
      ` ${conditions.cudaGraphs ? 'with' : 'without'} CUDA graphs, attention by ${attention.prefill} (prompt) and ${attention.decode} (decode),` +
      ` ${conditions.device}${conditions.driver === undefined ? '' : `, driver ${conditions.driver}`}; no serving engine (bench/gpu)`,
    gpu: conditions.device.replace(/^NVIDIA /, '').replace(/:.*/, ''),
    title: `${shape.title} on one ${conditions.device.replace(/^NVIDIA /, '')}`,
    simulated: false,
    kvTokens: kvBytes > 0 ? Math.floor(kvBytes / shape.kvBytesPerToken) : undefined,
  };
}

function toTime(point: z.infer<typeof pointSchema>): MeasuredTime {
  const parts = [
    point.promptTokens > 0 ? `${point.promptTokens} prompt tokens${point.promptContext > 0 ? ` after ${point.promptContext}` : ''}` : '',
    point.decodeSequences > 0 ? `${point.decodeSequences} sequences of ${point.decodeContextEach}` : '',
  ];
  const work: StepWork = {
    prefillTokens: point.promptTokens,
    attentionPairs: point.promptTokens * (point.promptContext + point.promptTokens / 2),
    decodeSequences: point.decodeSequences,
    decodeContext: point.decodeSequences * point.decodeContextEach,
  };
  return { series: point.series, name: parts.filter((part) => part !== '').join(' + '), steps: [work], requests: 0, measuredMs: point.medianMs };
}
