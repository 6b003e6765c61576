import type { z } from 'zod';
import type { Clock, Ids } from '#time';
import type { TenantScore } from '../entry.ts';
import { type ScoreInput, toScoreRecord } from '../scores.ts';
import type { EventFrame } from './event-frame.ts';
import type { scoreBodySchema } from './event-schemas.ts';

/** A `score-create` event. The id of the event stands in for a missing one, so that a batch sent twice counts once. */
export function toTenantScore(body: z.infer<typeof scoreBodySchema>, frame: EventFrame, deps: { clock: Clock; ids: Ids }): TenantScore {
  const input: ScoreInput = {
    id: body.id ?? frame.eventId,
    tenant: frame.tenant,
    name: body.name,
    value: typeof body.value === 'boolean' ? Number(body.value) : typeof body.value === 'number' ? body.value : null,
    label: typeof body.value === 'string' ? body.value : undefined,
    comment: body.comment ?? undefined,
    source: body.source === 'ANNOTATION' ? 'person' : body.source === 'EVAL' ? 'evaluator' : 'api',
    atMs: frame.atMs,
    traceId: body.traceId ?? undefined,
    spanId: body.observationId ?? undefined,
    session: body.sessionId ?? undefined,
    runId: body.datasetRunId ?? undefined,
  };
  return { tenant: frame.tenant, score: toScoreRecord(input, deps) };
}
