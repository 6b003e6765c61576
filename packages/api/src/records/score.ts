import { z } from 'zod';

/** A verdict of an evaluator, a person or a client about a trace, a span, a session or a dataset row. */
export const scoreSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Null for a score that only has a label, and for a verdict that could not be reached. */
  value: z.number().nullable(),
  label: z.string().optional(),
  comment: z.string().optional(),
  source: z.enum(['evaluator', 'person', 'api']),
  atMs: z.number().int(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
  session: z.string().optional(),
  runId: z.string().optional(),
  row: z.string().optional(),
});
export type Score = z.infer<typeof scoreSchema>;
