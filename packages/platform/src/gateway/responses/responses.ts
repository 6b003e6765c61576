import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import { type Clock, repeat } from '#time';
import { Changes } from './changes.ts';
import { followResponse } from './follow-response.ts';
import { itemsOf, type PreparedResponse, prepareResponse } from './prepare-response.ts';
import { readFinal } from './read-final.ts';
import { createResponseStore, type KeptResponse, type ResponseEvent, type ResponseStatus } from './response-store.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ResponsesOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** How long a response is kept; 30 days by default. */
  readonly retentionMs?: number;
}

/** Kept responses: conversations that go on by `previous_response_id`, and answers that are made in the background. */
export interface Responses {
  /** Puts the history into a request. Throws `invalid_request` and `invalid_json`. */
  prepare(tenant: string, body: Buffer): Promise<PreparedResponse>;
  /** Keeps an answer by its last bytes. Throws `storage_failed`; the client must not get its answer then. */
  keep(tenant: string, prepared: PreparedResponse, last: Buffer): Promise<void>;
  /** Throws `not_found`. */
  get(tenant: string, id: string): Promise<KeptResponse>;
  items(tenant: string, id: string): Promise<readonly Json[]>;
  remove(tenant: string, id: string): Promise<void>;
  /**
   * Keeps a response that is being made, and the beginning of its stream where it has one; `cancel` is called when somebody cancels it
   * here or in another process.
   */
  begin(tenant: string, response: BegunResponse, cancel: () => void): Promise<void>;
  /** Goes on with its stream; false when it is no longer being made, and then nothing is written. */
  append(tenant: string, id: string, events: readonly ResponseEvent[]): Promise<boolean>;
  /** Its stream after an event; -1 for all of it. Ends early when the signal fires; throws `not_found`. */
  follow(tenant: string, id: string, from: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<readonly ResponseEvent[]>;
  finish(tenant: string, response: { readonly id: string; readonly status: ResponseStatus; readonly answer: Json }): Promise<void>;
  /** Throws `invalid_request` for a response that is not made in the background; one that has ended stays as it is. */
  cancel(tenant: string, id: string): Promise<KeptResponse>;
  /** Responses that are being made here. */
  running(): number;
  close(): Promise<void>;
}

interface BegunResponse extends Omit<KeptResponse, 'status' | 'createdMs' | 'background'> {
  readonly events?: readonly ResponseEvent[];
}

const RETENTION_MS = 30 * 86_400_000;
const LEASE_MS = 30_000;
const BEAT_MS = 10_000;
const SWEEP_MS = 3_600_000;

/** Opens the store of responses of this process. */
export function createResponses({ store, clock, retentionMs = RETENTION_MS }: ResponsesOptions): Responses {
  const kept = createResponseStore({ store, clock });
  const cancels = new Map<string, () => void>();
  const changes = new Changes(clock);
  const expiresMs = (): number => clock.nowMs() + retentionMs;
  // The lease is three beats long.
  const beat = repeat(clock, BEAT_MS, async () => {
    for (const id of await kept.renew([...cancels.keys()], clock.nowMs() + LEASE_MS)) cancels.get(id)?.();
  });
  const sweep = repeat(clock, SWEEP_MS, () => kept.sweep());

  const get = async (tenant: string, id: string): Promise<KeptResponse> => {
    const response = await kept.find(tenant, id);
    if (response === undefined) throw new PlatformError('not_found', { message: `there is no response "${id.slice(0, 100)}", or it is no longer kept` });
    return response;
  };

  return {
    prepare: (tenant, body) => prepareResponse(body, tenant, kept),
    async keep(tenant, prepared, last) {
      const answer = readFinal(last);
      const id = answer?.['id'];
      if (!prepared.store || answer === undefined || typeof id !== 'string') return;
      const status = answer['status'] === 'incomplete' ? 'incomplete' : 'completed';
      const { previousId, input } = prepared;
      const whole = previousId === undefined ? answer : { ...answer, previous_response_id: previousId };
      const response = { id, status, createdMs: clock.nowMs(), previousId, input, answer: whole, background: false } as const;
      await kept.save(tenant, response, { expiresMs: expiresMs(), leaseUntilMs: 0 });
    },
    get,
    items: async (tenant, id) => itemsOf(await get(tenant, id), tenant, kept),
    async remove(tenant, id) {
      await get(tenant, id);
      cancels.get(id)?.();
      await kept.remove(tenant, id);
      changes.tell(id);
    },
    async begin(tenant, { events, ...response }, cancel) {
      const whole = { ...response, status: 'in_progress', createdMs: clock.nowMs(), background: true } as const;
      const stream = events === undefined ? {} : { events };
      await kept.save(tenant, whole, { ...stream, expiresMs: expiresMs(), leaseUntilMs: clock.nowMs() + LEASE_MS });
      cancels.set(response.id, cancel);
    },
    async append(tenant, id, events) {
      const written = await kept.append(tenant, id, events);
      changes.tell(id);
      return written;
    },
    follow: (tenant, id, from) => followResponse({ kept, changes, find: get, tenant, id, ...from }),
    async finish(tenant, response) {
      cancels.delete(response.id);
      await kept.finish(tenant, response);
      changes.tell(response.id);
    },
    async cancel(tenant, id) {
      const response = await get(tenant, id);
      if (!response.background) throw new PlatformError('invalid_request', { message: 'only a response that is made in the background can be cancelled' });
      if (response.status !== 'in_progress') return response;
      const answer = { ...response.answer, status: 'cancelled' };
      await kept.requestCancel(tenant, id);
      await kept.finish(tenant, { id, status: 'cancelled', answer });
      cancels.get(id)?.();
      changes.tell(id);
      return get(tenant, id);
    },
    running: () => cancels.size,
    async close() {
      await Promise.all([beat.stop(), sweep.stop()]);
    },
  };
}
