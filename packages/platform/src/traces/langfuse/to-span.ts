import type { SpanKind } from '@maru/api/records';
import type { z } from 'zod';
import { langfuseKind } from '../dialects/langfuse.ts';
import { costFromDetails, usageFromDetails } from '../dialects/langfuse-usage.ts';
import { unwrapJson } from '../dialects/reading.ts';
import type { SpanPatch } from '../entry.ts';
import type { EventFrame } from './event-frame.ts';
import type { observationBodySchema } from './event-schemas.ts';
import { isoToMs } from './time.ts';
import { metadataOf } from './to-trace.ts';

type Body = z.infer<typeof observationBodySchema>;

/** An event about a span, generation or point in time. Fields that it does not have leave what an earlier one said. */
export function toSpan(body: Body, frame: EventFrame): SpanPatch {
  const id = body.id ?? frame.eventId;
  const isPoint = frame.eventType === 'event-create';
  const startMs = isoToMs(body.startTime) ?? (frame.eventType.endsWith('-create') ? frame.atMs : undefined);
  const firstTokenMs = isoToMs(body.completionStartTime);
  const fields: Record<string, unknown> = {
    // SDKs write null for a top observation in a create, and nothing in an update.
    parentSpanId: body.parentObservationId ?? undefined,
    name: body.name ?? undefined,
    kind: kindOf(body, frame.eventType),
    startMs,
    endMs: isPoint ? startMs : isoToMs(body.endTime),
    ttftMs: firstTokenMs === undefined || startMs === undefined ? undefined : Math.max(0, firstTokenMs - startMs),
    status: body.level?.toUpperCase() === 'ERROR' ? 'error' : undefined,
    statusMessage: body.statusMessage ?? undefined,
    model: body.model ?? undefined,
    usage: usageOf(body),
    costNanoUsd: costOf(body),
    input: unwrapJson(body.input) ?? undefined,
    output: unwrapJson(body.output) ?? undefined,
    attributes: attributesOf(body, frame.eventType),
  };
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...said, tenant: frame.tenant, traceId: body.traceId ?? id, spanId: id, atMs: frame.atMs };
}

function kindOf(body: Body, eventType: string): SpanKind | undefined {
  if (eventType.startsWith('generation-')) return 'engine';
  return body.type === undefined || body.type === null ? undefined : langfuseKind(body.type);
}

const usageOf = (body: Body) => usageFromDetails({ ...body.usage, ...body.usageDetails });

function costOf(body: Body): number | undefined {
  if (body.costDetails !== undefined && body.costDetails !== null) return costFromDetails(body.costDetails);
  const { inputCost, outputCost, totalCost } = body.usage ?? {};
  const costs = Object.fromEntries(Object.entries({ inputCost, outputCost, totalCost }).filter(([, value]) => typeof value === 'number'));
  return costFromDetails(costs);
}

function attributesOf(body: Body, eventType: string): Record<string, unknown> | undefined {
  const metadata = Object.entries(metadataOf(body.metadata) ?? {}).map(([key, value]) => [`langfuse.observation.metadata.${key}`, value] as const);
  const fields: Record<string, unknown> = {
    'langfuse.observation.type': eventType.endsWith('-create') ? (body.type ?? eventType.replace(/-create$/, '')).toLowerCase() : undefined,
    'langfuse.observation.level': body.level ?? undefined,
    'langfuse.observation.model.parameters': body.modelParameters ?? undefined,
    'langfuse.observation.prompt.name': body.promptName ?? undefined,
    'langfuse.observation.prompt.version': body.promptVersion ?? undefined,
    'langfuse.environment': body.environment ?? undefined,
    'langfuse.version': body.version ?? undefined,
    ...Object.fromEntries(metadata),
  };
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return Object.keys(said).length === 0 ? undefined : said;
}
