import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Clock, Ids } from '#time';
import type { TraceEntry } from '../entry.ts';
import type { Intake } from '../intake.ts';
import { LIMITS } from '../limits.ts';
import { scoreBodySchema } from './event-schemas.ts';
import { isoToMs } from './time.ts';
import { toTenantScore } from './to-score.ts';

/** The answer of `POST /api/public/scores`. */
export type LangfuseScoresReply =
  | { readonly status: 200; readonly body: { readonly id: string } }
  | { readonly status: 202; readonly body: { readonly message: 'Accepted' } }
  | { readonly status: 207; readonly body: { readonly accepted: number; readonly rejected: number; readonly errors: readonly { readonly message: string }[] } };

/** Takes one score (earlier SDKs) or a list of them (Python 5). Throws `invalid_request` for a single bad one. */
export function ingestLangfuseScores(request: unknown, of: { tenant: string }, deps: { intake: Intake; clock: Clock; ids: Ids }): LangfuseScoresReply {
  if (!Array.isArray(request)) {
    const entry = toScoreEntry(request, of, deps);
    deps.intake.accept([entry]);
    return { status: 200, body: { id: entry.score.score.id } };
  }
  if (request.length > LIMITS.eventsPerBatch)
    throw new PlatformError('body_too_large', { message: `the batch has ${request.length} scores; send at most ${LIMITS.eventsPerBatch} at once` });
  const entries: TraceEntry[] = [];
  const errors: { message: string }[] = [];
  for (const [index, item] of request.entries())
    try {
      entries.push(toScoreEntry(item, of, deps));
    } catch (error) {
      if (!isPlatformError(error, 'invalid_request')) throw error;
      errors.push({ message: `score ${index}: ${error.message}` });
    }
  deps.intake.accept(entries);
  if (errors.length === 0) return { status: 202, body: { message: 'Accepted' } };
  return { status: 207, body: { accepted: entries.length, rejected: errors.length, errors } };
}

function toScoreEntry(item: unknown, of: { tenant: string }, deps: { clock: Clock; ids: Ids }): Extract<TraceEntry, { type: 'score' }> {
  const parsed = scoreBodySchema.safeParse(item);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PlatformError('invalid_request', { message: `${issue?.path.join('.') || 'the score'}: ${issue?.message ?? 'is not valid'}` });
  }
  const frame = { ...of, eventId: deps.ids.next('score'), eventType: 'score-create', atMs: isoToMs(parsed.data.timestamp) ?? deps.clock.nowMs() };
  return { type: 'score', score: toTenantScore(parsed.data, frame, deps) };
}
