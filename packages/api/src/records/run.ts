import { z } from 'zod';

export const RUN_STATES = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'] as const;

/** A durable run of an agent, an ingestion, an evaluation or a pipeline. */
export const runSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['agent', 'ingestion', 'evaluation', 'pipeline']),
  /** Name of the resource that runs. */
  resource: z.string(),
  state: z.enum(RUN_STATES),
  createdMs: z.number().int(),
  startedMs: z.number().int().nullable(),
  endedMs: z.number().int().nullable(),
  tenant: z.string(),
  traceId: z.string().nullable(),
  input: z.unknown(),
  output: z.unknown().optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  /** From 0 to 1, where progress is known. */
  progress: z.number().min(0).max(1).optional(),
});
export type Run = z.infer<typeof runSchema>;

/** One step of a run, in order; a step that is `succeeded` is never executed again. */
export const runStepSchema = z.strictObject({
  runId: z.string(),
  index: z.number().int().nonnegative(),
  name: z.string(),
  kind: z.enum(['model', 'tool', 'plan', 'evaluate', 'answer', 'ingest', 'gate', 'publish', 'row']),
  state: z.enum(RUN_STATES),
  startedMs: z.number().int(),
  endedMs: z.number().int().nullable(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type RunStep = z.infer<typeof runStepSchema>;
export type RunState = (typeof RUN_STATES)[number];
