import { z } from 'zod';

// Only tests check the data by these: the files are a part of the program, and checking them would take time of every start.
const positive = z.number().positive();

/** Published figures of one model, as `data/models.json` gives them. */
export const architectureSchema = z.strictObject({
  id: z.string(),
  aliases: z.array(z.string()).optional(),
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

/** Data-sheet figures of one GPU, as `data/gpus.json` gives them. */
export const gpuSchema = z.strictObject({
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

/** One instance type, as `data/aws-accelerators.json` gives it. */
export const instanceSchema = z.strictObject({
  instance: z.string(),
  vcpu: z.number().int().positive(),
  memGiB: positive,
  accelCount: z.number().int().positive(),
  accel: z.string(),
  accelMiB: positive.nullable(),
  usdPerHour: positive.nullable(),
});
