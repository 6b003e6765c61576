import type { z } from 'zod';
import { unwrapJson } from '../dialects/reading.ts';
import type { TraceGiven, TracePatch } from '../entry.ts';
import type { EventFrame } from './event-frame.ts';
import type { traceBodySchema } from './event-schemas.ts';
import { isoToMs } from './time.ts';

/** A `trace-create` event: all of them about one trace are merged. */
export function toTracePatch(body: z.infer<typeof traceBodySchema>, frame: EventFrame): TracePatch {
  const given: Record<string, unknown> = {
    name: body.name ?? undefined,
    startMs: isoToMs(body.timestamp),
    session: body.sessionId ?? undefined,
    user: body.userId ?? undefined,
    environment: body.environment ?? undefined,
    release: body.release ?? undefined,
    version: body.version ?? undefined,
    tags: body.tags ?? undefined,
    metadata: metadataOf(body.metadata),
    input: unwrapJson(body.input) ?? undefined,
    output: unwrapJson(body.output) ?? undefined,
  };
  return {
    tenant: frame.tenant,
    traceId: body.id ?? frame.eventId,
    atMs: frame.atMs,
    given: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as TraceGiven,
  };
}

/** Metadata is an object by convention; anything else is kept under one name. */
export function metadataOf(metadata: unknown): Record<string, unknown> | undefined {
  const value = unwrapJson(metadata);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : { metadata: value };
}
