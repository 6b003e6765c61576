import { z } from 'zod';
import { wireUsageSchema } from './usage.ts';

/** Body of `POST /v1/embeddings`. */
export const embeddingRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()), z.array(z.number()), z.array(z.array(z.number()))]),
  /** The `openai` packages ask for `base64` by default: little-endian 32-bit floats. */
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().positive().nullish(),
});
export type EmbeddingRequest = z.infer<typeof embeddingRequestSchema>;

export const embeddingListSchema = z.looseObject({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(z.looseObject({ object: z.literal('embedding'), index: z.number().int(), embedding: z.union([z.array(z.number()), z.string()]) })),
  usage: wireUsageSchema.nullish(),
});
export type EmbeddingList = z.infer<typeof embeddingListSchema>;
