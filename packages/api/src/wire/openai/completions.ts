import { z } from 'zod';
import { wireUsageSchema } from './usage.ts';

/** Body of `POST /v1/completions`. */
export const completionRequestSchema = z.looseObject({
  model: z.string().min(1),
  prompt: z.union([z.string(), z.array(z.string()), z.array(z.number()), z.array(z.array(z.number()))]),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  temperature: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** The answer, and also one event of a streamed answer. */
export const completionSchema = z.looseObject({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.number(),
  model: z.string(),
  choices: z.array(z.looseObject({ index: z.number().int(), text: z.string(), finish_reason: z.string().nullish() })),
  usage: wireUsageSchema.nullish(),
});
export type Completion = z.infer<typeof completionSchema>;
