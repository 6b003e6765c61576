import type { Changes } from './changes.ts';
import { eventsOfResponse, lastEvent } from './events-of-response.ts';
import type { KeptResponse, ResponseEvent, ResponseStore } from './response-store.ts';

export interface FollowOptions {
  readonly kept: ResponseStore;
  readonly changes: Changes;
  readonly find: (tenant: string, id: string) => Promise<KeptResponse>;
  readonly tenant: string;
  readonly id: string;
  /** Number of the last event that the reader has; -1 for none. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** Number of the last event that is known of a response without a stream before it is made. */
const BEGINNING = 1;

/**
 * The stream of a response from any event on, while it is made and after it. Its last event is made of the state of the response, so that
 * a response always ends the same way for everybody, also one whose process was killed. Ends early when the signal fires; throws
 * `not_found`.
 */
export async function* followResponse({
  kept,
  changes,
  find,
  tenant,
  id,
  after,
  signal,
}: FollowOptions): AsyncGenerator<readonly ResponseEvent[], void, undefined> {
  let seen = after;
  while (!signal.aborted) {
    const watch = changes.watch(id);
    try {
      // The state before the events: what is over when it is read has all of its events.
      const status = await kept.statusOf(tenant, id);
      for (;;) {
        const events = await kept.eventsAfter(tenant, id, seen);
        if (events.length === 0) break;
        yield events;
        seen = events.at(-1)?.sequence_number ?? seen;
      }
      if (status !== 'in_progress') {
        const response = await find(tenant, id);
        const last = await kept.lastNumber(tenant, id);
        const rest = last === undefined ? eventsOfResponse(response) : [{ ...lastEvent(response), sequence_number: last + 1 }];
        yield rest.filter((event) => event.sequence_number > seen);
        return;
      }
      if (seen < BEGINNING && (await kept.lastNumber(tenant, id)) === undefined) {
        yield eventsOfResponse(await find(tenant, id)).slice(seen + 1, BEGINNING + 1);
        seen = BEGINNING;
      }
      await watch.wait(signal);
    } finally {
      watch.drop();
    }
  }
}
