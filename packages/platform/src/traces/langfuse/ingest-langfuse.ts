import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Clock, Ids } from '#time';
import type { TraceEntry } from '../entry.ts';
import type { Intake } from '../intake.ts';
import { LIMITS } from '../limits.ts';
import { eventSchema } from './event-schemas.ts';
import { isoToMs } from './time.ts';
import { toEntry } from './to-entry.ts';

/** The answer of `POST /api/public/ingestion`: one line per event. SDKs read any line under `errors` as a failure. */
export interface LangfuseReply {
  readonly status: 207;
  readonly body: {
    readonly successes: readonly { readonly id: string; readonly status: 201 }[];
    readonly errors: readonly { readonly id: string; readonly status: number; readonly message: string; readonly error: string }[];
  };
}

/** Takes a batch; the good events are kept and the bad ones are named. Throws `invalid_request` only when there is no batch at all. */
export function ingestLangfuse(request: unknown, of: { tenant: string }, deps: { intake: Intake; clock: Clock; ids: Ids }): LangfuseReply {
  const events = batchOf(request);
  const entries: { readonly entry: TraceEntry; readonly atMs: number }[] = [];
  const successes: { id: string; status: 201 }[] = [];
  const errors: { id: string; status: number; message: string; error: string }[] = [];
  for (const event of events) {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      errors.push({
        id: idOf(event),
        status: 400,
        message: 'Invalid request data',
        error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an event'}`,
      });
      continue;
    }
    try {
      const entry = toEntry(parsed.data, { ...of, ...deps });
      if (entry !== undefined) entries.push({ entry, atMs: isoToMs(parsed.data.timestamp) ?? 0 });
      successes.push({ id: parsed.data.id, status: 201 });
    } catch (error) {
      if (!isPlatformError(error, 'invalid_request')) throw error;
      errors.push({ id: parsed.data.id, status: 400, message: 'Invalid request data', error: error.message });
    }
  }
  // An update that overtook its create inside the batch must not be undone by it.
  entries.sort((left, right) => left.atMs - right.atMs);
  deps.intake.accept(entries.map(({ entry }) => entry));
  return { status: 207, body: { successes, errors } };
}

function batchOf(request: unknown): readonly unknown[] {
  const batch = typeof request === 'object' && request !== null ? (request as { batch?: unknown }).batch : undefined;
  if (!Array.isArray(batch)) throw new PlatformError('invalid_request', { message: 'the body must be {"batch": [events]}' });
  if (batch.length > LIMITS.eventsPerBatch)
    throw new PlatformError('body_too_large', { message: `the batch has ${batch.length} events; send at most ${LIMITS.eventsPerBatch} at once` });
  return batch;
}

const idOf = (event: unknown): string => {
  const id = typeof event === 'object' && event !== null ? (event as { id?: unknown }).id : undefined;
  return typeof id === 'string' ? id.slice(0, LIMITS.idLength) : '';
};
