import { z } from 'zod';
import type { BatchApiResult } from './batch-api.ts';

/** A line of a result file as OpenAI writes it, and those that do as it does. */
export const openAiResultSchema = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.unknown(),
});

/** The answer in a line; an error where there is none. */
export function toOpenAiResult({ custom_id: id, response, error }: z.infer<typeof openAiResultSchema>): BatchApiResult {
  if (response == null) return { id, status: 500, body: { error: error ?? { code: 'batch_failed', message: 'the provider gave no answer' } } };
  return { id, status: response.status_code, body: response.body };
}
