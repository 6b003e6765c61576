import { PlatformError } from '@maru/api/errors';
import type { z } from 'zod';
import type { Clock, Ids } from '#time';
import type { TraceEntry } from '../entry.ts';
import type { EventFrame } from './event-frame.ts';
import { type LangfuseEvent, observationBodySchema, scoreBodySchema, traceBodySchema } from './event-schemas.ts';
import { isoToMs } from './time.ts';
import { toTenantScore } from './to-score.ts';
import { toSpan } from './to-span.ts';
import { toTracePatch } from './to-trace.ts';

/** One event as an entry; undefined for those that say nothing of a trace. Throws `invalid_request` when its body is wrong. */
export function toEntry(event: LangfuseEvent, of: { tenant: string; clock: Clock; ids: Ids }): TraceEntry | undefined {
  const frame: EventFrame = { tenant: of.tenant, eventId: event.id, eventType: event.type, atMs: isoToMs(event.timestamp) ?? of.clock.nowMs() };
  switch (event.type) {
    case 'trace-create':
      return { type: 'trace', trace: toTracePatch(parseBody(traceBodySchema, event), frame) };
    case 'span-create':
    case 'span-update':
    case 'generation-create':
    case 'generation-update':
    case 'event-create':
    case 'observation-create':
    case 'observation-update':
    case 'agent-create':
    case 'tool-create':
    case 'chain-create':
    case 'retriever-create':
    case 'evaluator-create':
    case 'embedding-create':
    case 'guardrail-create':
      return { type: 'span', span: toSpan(parseBody(observationBodySchema, event), frame) };
    case 'score-create':
      return { type: 'score', score: toTenantScore(parseBody(scoreBodySchema, event), frame, of) };
    case 'sdk-log':
      return undefined;
    default:
      throw new PlatformError('invalid_request', { message: `the event type "${event.type}" is not known` });
  }
}

function parseBody<Schema extends z.ZodType>(schema: Schema, event: LangfuseEvent): z.infer<Schema> {
  const result = schema.safeParse(event.body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new PlatformError('invalid_request', { message: `body.${issue?.path.join('.') ?? ''} of the ${event.type}: ${issue?.message ?? 'not valid'}` });
}
