import { z } from 'zod';
import { scoreSchema, spanSchema, usageSchema } from '../../records/index.ts';
import { pageOf } from './page.ts';

export const traceSummarySchema = z.object({
  traceId: z.string(),
  name: z.string(),
  startMs: z.number(),
  durationMs: z.number().nullable(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string().nullable(),
  tenant: z.string(),
  session: z.string().nullable(),
  user: z.string().nullable(),
  model: z.string().nullable(),
  spans: z.number(),
  usage: usageSchema,
  costNanoUsd: z.number().nullable(),
});
export type TraceSummary = z.infer<typeof traceSummarySchema>;

/** `GET /api/v1/traces?fromMs=&toMs=&name=&session=&user=&tenant=&model=&status=&minDurationMs=&text=&cursor=&limit=`. */
export const tracePageSchema = pageOf(traceSummarySchema);

/** `GET /api/v1/traces/{traceId}`. */
export const traceDetailSchema = z.object({ summary: traceSummarySchema, spans: z.array(spanSchema), scores: z.array(scoreSchema) });
export type TraceDetail = z.infer<typeof traceDetailSchema>;

/** `POST /api/v1/scores`. */
export const newScoreSchema = z.strictObject({
  name: z.string().min(1),
  value: z.number(),
  comment: z.string().optional(),
  label: z.string().optional(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
  session: z.string().optional(),
});
export type NewScore = z.infer<typeof newScoreSchema>;
