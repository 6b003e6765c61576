import { z } from 'zod';
import { usageSchema } from './usage.ts';

export const SPAN_KINDS = [
  'gateway',
  'guardrail',
  'cache',
  'route',
  'engine',
  'agent',
  'step',
  'tool',
  'retrieval',
  'embedding',
  'evaluation',
  'pipeline',
  'other',
] as const;

/** One timed piece of work in a trace. Ids are lower-case hex as in W3C Trace Context (32 and 16 digits) or foreign ids kept as they came. */
export const spanSchema = z.strictObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(SPAN_KINDS),
  startMs: z.number(),
  /** Null while the span is open. */
  endMs: z.number().nullable(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string().optional(),
  tenant: z.string(),
  session: z.string().optional(),
  user: z.string().optional(),
  model: z.string().optional(),
  usage: usageSchema.optional(),
  costNanoUsd: z.number().int().nullable().optional(),
  /** Only kept when content capture is on. */
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  attributes: z.record(z.string(), z.unknown()),
});
export type Span = z.infer<typeof spanSchema>;
export type SpanKind = (typeof SPAN_KINDS)[number];
