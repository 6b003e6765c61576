import { z } from 'zod';
import awsFile from './data/aws-accelerators.json' with { type: 'json' };
import factorsFile from './data/factors.json' with { type: 'json' };
import gpusFile from './data/gpus.json' with { type: 'json' };
import modelsFile from './data/models.json' with { type: 'json' };

const positive = z.number().positive();

const architectureSchema = z.strictObject({
  id: z.string(),
  aliases: z.array(z.string()).default([]),
  parameters: positive,
  activeParameters: positive.optional(),
  experts: z.number().int().positive().optional(),
  expertsPerToken: z.number().int().positive().optional(),
  layers: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  kvHeads: z.number().int().positive(),
  headDim: z.number().int().positive(),
  contextWindow: z.number().int().positive(),
  bytesPerWeight: positive,
  /** Size of the published checkpoint, where weights have mixed precision. */
  checkpointBytes: positive.optional(),
  /** Layers beside the full ones keep only this many tokens. */
  slidingWindow: z.strictObject({ tokens: z.number().int().positive(), fullLayers: z.number().int().nonnegative() }).optional(),
  /** Multi-head latent attention: elements per token and layer, the same on every GPU. */
  kvLatentDim: z.number().int().positive().optional(),
  source: z.string(),
});

const gpuSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  bf16Tflops: positive,
  /** Null where the chip has no fp8 units; weights may still be kept in fp8. */
  fp8Tflops: positive.nullable(),
  hbmTBps: positive,
  linkGBps: positive,
  prefillMfu: positive.max(1),
  decodeMfu: positive.max(1),
  source: z.string(),
});

const instanceSchema = z.strictObject({
  instance: z.string(),
  vcpu: z.number().int().positive(),
  memGiB: positive,
  accelCount: z.number().int().positive(),
  accel: z.string(),
  accelMiB: positive.nullable(),
  usdPerHour: positive.nullable(),
});

/** Published figures of one model. */
export type Architecture = z.infer<typeof architectureSchema>;
/** Data-sheet figures of one GPU, and the shares of them that engines reach. */
export type Gpu = z.infer<typeof gpuSchema>;

/** An instance type whose GPU has figures and whose price is known. */
export interface Instance {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly gpuCount: number;
  readonly gpu: Gpu;
  readonly gpuMemoryBytes: number;
  readonly onDemandNanoUsdPerHour: number;
}

const MIB = 2 ** 20;

/** All models with known figures. */
export const ARCHITECTURES: readonly Architecture[] = Object.freeze(z.array(architectureSchema).parse(modelsFile.models));
const GPUS = new Map(
  z
    .array(gpuSchema)
    .parse(gpusFile.gpus)
    .map((gpu) => [gpu.id, gpu]),
);

/** GPU instances of AWS that can be planned with; types without a price or without figures of their chip are left out. */
export const INSTANCES: readonly Instance[] = Object.freeze(z.array(instanceSchema).parse(awsFile.instances).flatMap(toInstance));

/** Where prices come from and of which day they are. */
export const PRICES = Object.freeze({ source: awsFile.source, region: awsFile.region, date: awsFile.pricesOf });

/** Constants of the formulas, each with its source in `data/factors.json`. */
export const FACTORS = Object.freeze(
  Object.fromEntries(Object.entries(factorsFile).flatMap(([name, factor]) => (typeof factor === 'string' ? [] : [[name, factor.value]]))),
) as Readonly<Record<Exclude<keyof typeof factorsFile, 'collected'>, number>>;

function toInstance(row: z.infer<typeof instanceSchema>): Instance[] {
  // The file calls both memory sizes of the A100 by one name.
  const gpu = GPUS.get(row.accel === 'a100' ? (row.accelMiB === 40_960 ? 'a100-40' : 'a100-80') : row.accel);
  if (gpu === undefined || row.accelMiB === null || row.usdPerHour === null) return [];
  return [
    {
      name: row.instance,
      vcpu: row.vcpu,
      memoryGiB: row.memGiB,
      gpuCount: row.accelCount,
      gpu,
      gpuMemoryBytes: row.accelMiB * MIB,
      onDemandNanoUsdPerHour: Math.round(row.usdPerHour * 1e9),
    },
  ];
}
