import { z } from 'zod';
import { LIMITS } from '../limits.ts';

// Loose on purpose: SDKs send fields that no version of the API knows, and those must never cost a trace.
const id = z.string().min(1).max(LIMITS.idLength);
const text = z.string().max(LIMITS.contentLength).nullish();
const time = z.string().max(64).nullish();
const object = z.record(z.string(), z.unknown()).nullish();

export const eventSchema = z.object({ id, type: z.string().min(1).max(64), timestamp: z.string().max(64), body: z.unknown() });
export type LangfuseEvent = z.infer<typeof eventSchema>;

export const traceBodySchema = z.object({
  id: id.nullish(),
  timestamp: time,
  name: text,
  userId: text,
  sessionId: text,
  environment: text,
  release: text,
  version: text,
  tags: z.array(z.string()).nullish(),
  metadata: z.unknown().optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
});

export const observationBodySchema = z.object({
  id: id.nullish(),
  traceId: id.nullish(),
  type: text,
  parentObservationId: id.nullish(),
  name: text,
  startTime: time,
  endTime: time,
  completionStartTime: time,
  level: text,
  statusMessage: text,
  model: text,
  modelParameters: object,
  usage: object,
  usageDetails: object,
  costDetails: object,
  environment: text,
  version: text,
  promptName: text,
  promptVersion: z.number().nullish(),
  metadata: z.unknown().optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
});

export const scoreBodySchema = z.object({
  id: id.nullish(),
  name: z.string().min(1).max(LIMITS.nameLength),
  value: z.union([z.number(), z.string().max(LIMITS.messageLength), z.boolean()]),
  dataType: text,
  comment: text,
  traceId: id.nullish(),
  observationId: id.nullish(),
  sessionId: id.nullish(),
  datasetRunId: id.nullish(),
  source: text,
  timestamp: time,
});
