import { PlatformError } from '@maru/api/errors';
import type { Score } from '@maru/api/records';
import type { Clock, Ids } from '#time';
import { cutText, LIMITS } from './limits.ts';

/** A verdict as a caller gives it; the room adds what is missing. */
export interface ScoreInput {
  /** A score with a known id replaces the earlier one. */
  readonly id?: string;
  readonly tenant: string;
  readonly name: string;
  readonly value: number | null;
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
  readonly source?: Score['source'];
  readonly atMs?: number;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  readonly session?: string | undefined;
  readonly runId?: string | undefined;
  readonly row?: string | undefined;
}

/** Checks a score and fills it up; throws `invalid_request` when it says nothing or belongs to nothing. */
export function toScoreRecord(input: ScoreInput, deps: { clock: Clock; ids: Ids }): Score {
  const refuse = (message: string): never => {
    throw new PlatformError('invalid_request', { message: `the score can not be kept: ${message}` });
  };
  if (input.name === '' || input.name.length > LIMITS.nameLength) refuse(`its name must have 1 to ${LIMITS.nameLength} characters`);
  if (input.value !== null && !Number.isFinite(input.value)) refuse('its value is not a number');
  if (input.value === null && input.label === undefined) refuse('it needs a value or a label');
  if (input.traceId === undefined && input.session === undefined && input.runId === undefined) refuse('it needs a traceId, a session or a runId');
  for (const id of [input.id, input.traceId, input.spanId, input.session, input.runId, input.row])
    if (id !== undefined && (id === '' || id.length > LIMITS.idLength)) refuse(`an id must have 1 to ${LIMITS.idLength} characters`);
  const fields = {
    label: input.label,
    comment: input.comment,
    traceId: input.traceId,
    spanId: input.spanId,
    session: input.session,
    runId: input.runId,
    row: input.row,
  };
  return {
    id: input.id ?? deps.ids.next('score'),
    name: input.name,
    value: input.value,
    source: input.source ?? 'api',
    atMs: Math.round(input.atMs ?? deps.clock.nowMs()),
    ...Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, cutText(value, LIMITS.messageLength)]]))),
  };
}
