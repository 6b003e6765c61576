import { z } from 'zod';
import { RUN_STATES } from '../../records/index.ts';
import { pageOf } from './page.ts';

export const evaluationRunSchema = z.object({
  id: z.string(),
  evaluation: z.string(),
  dataset: z.string(),
  target: z.string(),
  state: z.enum(RUN_STATES),
  verdict: z.enum(['pass', 'fail']).nullable(),
  /** One sentence per threshold that was missed. */
  reasons: z.array(z.string()),
  createdMs: z.number(),
  endedMs: z.number().nullable(),
  rows: z.number(),
  rowsDone: z.number(),
  rowsFailed: z.number(),
  means: z.record(z.string(), z.number().nullable()),
  thresholds: z.record(z.string(), z.number()),
  costNanoUsd: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type EvaluationRun = z.infer<typeof evaluationRunSchema>;

export const evaluationRowSchema = z.object({
  row: z.string(),
  input: z.string(),
  expected: z.string().nullable(),
  answer: z.string().nullable(),
  passages: z.array(z.object({ citation: z.string(), document: z.string(), text: z.string() })),
  scores: z.record(z.string(), z.object({ value: z.number().nullable(), reason: z.string().nullable() })),
  traceId: z.string().nullable(),
  durationMs: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type EvaluationRow = z.infer<typeof evaluationRowSchema>;

/** `GET /api/v1/evaluations`: each Evaluation with its last run. */
export const evaluationListSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      description: z.string().nullable(),
      dataset: z.string(),
      target: z.string(),
      evaluators: z.array(z.string()),
      lastRun: evaluationRunSchema.nullable(),
    }),
  ),
});
/** `GET /api/v1/evaluations/{name}/runs`. `POST` on the same path starts one and answers with it (202). */
export const evaluationRunPageSchema = pageOf(evaluationRunSchema);
/** `GET /api/v1/evaluation-runs/{id}`. */
export const evaluationRunDetailSchema = z.object({ run: evaluationRunSchema, rows: z.array(evaluationRowSchema) });
