import { z } from 'zod';

/** One entry of `GET /v1/models`; `maru` is an extension that clients of the OpenAI API ignore. */
export const modelEntrySchema = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().int(),
  owned_by: z.string(),
  maru: z
    .strictObject({
      kind: z.enum(['model', 'route', 'agent']),
      description: z.string().optional(),
      simulated: z.boolean(),
      capabilities: z.array(z.string()).optional(),
      context_window: z.number().int().optional(),
    })
    .optional(),
});
export type ModelEntry = z.infer<typeof modelEntrySchema>;

export const modelListSchema = z.looseObject({ object: z.literal('list'), data: z.array(modelEntrySchema) });
export type ModelList = z.infer<typeof modelListSchema>;

/** The error object of the OpenAI API. */
export const wireErrorSchema = z.looseObject({
  error: z.looseObject({ message: z.string(), type: z.string().nullish(), code: z.union([z.string(), z.number()]).nullish(), param: z.string().nullish() }),
});
export type WireError = z.infer<typeof wireErrorSchema>;
