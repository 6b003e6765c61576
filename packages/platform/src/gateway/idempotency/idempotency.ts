import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import { type Clock, repeat } from '#time';
import { createIdempotencyStore, type IdempotencyKey, type IdempotencyRow } from './idempotency-store.ts';
import { hashOf, openAnswer, sealAnswer } from './seal-answer.ts';

/** A request that comes with a key of its client. */
interface KeyedRequest {
  readonly tenant: string;
  /** Value of `Idempotency-Key`. */
  readonly key: string;
  readonly requestId: string;
  /** The path and the body: the same key with another one is a mistake of the client. */
  readonly path: string;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export interface KeptAnswer {
  readonly requestId: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The one request of a key that is carried out. */
export interface OwnRequest {
  /** Keeps its whole answer; must be called before the client has all of it. */
  finish(answer: Pick<KeptAnswer, 'contentType' | 'bytes'>): Promise<void>;
  /** It has no answer to keep: the next request with this key is carried out. Does nothing after `finish`. */
  release(): Promise<void>;
}

/** Carries out a request once per key: the same answer for a day, also over restarts and for several replicas. */
export interface Idempotency {
  /**
   * The answer that was given before, waited for while it is being made; else the right to make it. Throws `conflict` for a key that was
   * used with another request or whose answer was too large to keep, and `cancelled` when the client does not wait.
   */
  enter(request: KeyedRequest): Promise<{ readonly kept: KeptAnswer } | { readonly own: OwnRequest }>;
  close(): Promise<void>;
}

/** Larger answers are not kept. */
export const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const KEPT_MS = 86_400_000;
const LEASE_MS = 30_000;
const BEAT_MS = 10_000;
const LOOK_MS = 250;
const SWEEP_MS = 3_600_000;

export function createIdempotency({ store, clock }: { readonly store: Store; readonly clock: Clock }): Idempotency {
  const rows = createIdempotencyStore({ store, clock });
  /** Requests of this process, with a promise of their end. */
  const running = new Map<string, Promise<void>>();
  // The lease is three beats long.
  const beat = repeat(clock, BEAT_MS, () => rows.renew([...running.keys()], clock.nowMs() + LEASE_MS));
  const sweep = repeat(clock, SWEEP_MS, () => rows.sweep());

  const own = (key: IdempotencyKey, request: KeyedRequest): OwnRequest => {
    let end = (): void => undefined;
    running.set(request.requestId, new Promise((resolve) => (end = resolve)));
    let over = false;
    const leave = (): void => {
      over = true;
      running.delete(request.requestId);
      end();
    };
    return {
      finish: async ({ contentType, bytes }) => {
        if (over) return;
        const large = bytes.length > MAX_KEPT_BYTES;
        const answer = large ? '' : sealAnswer(bytes, request);
        try {
          await rows.finish(key, request.requestId, { state: large ? 'too-large' : 'done', contentType, answer });
        } finally {
          leave();
        }
      },
      release: async () => {
        if (over) return;
        try {
          await rows.release(key, request.requestId);
        } finally {
          leave();
        }
      },
    };
  };

  return {
    async enter(request) {
      const key: IdempotencyKey = { tenant: request.tenant, keyHash: hashOf(request.tenant, request.key) };
      const bodyHash = hashOf(request.path, request.body);
      for (;;) {
        const nowMs = clock.nowMs();
        const row = await rows.claim(key, { bodyHash, requestId: request.requestId, leaseUntilMs: nowMs + LEASE_MS, expiresMs: nowMs + KEPT_MS });
        if (row === undefined) return { own: own(key, request) };
        if (row.bodyHash !== bodyHash) throw conflict('was used with another request; use a new key for a new request');
        if (row.state === 'too-large')
          throw conflict(`belongs to a request that was answered, but its answer was larger than ${MAX_KEPT_BYTES} bytes and was not kept`);
        if (row.state === 'done') return { kept: keptOf(row, request) };
        if (request.signal.aborted) throw request.signal.reason;
        await Promise.race([running.get(row.requestId) ?? pause(clock, LOOK_MS, request.signal), gone(request.signal)]);
      }
    },
    close: async () => {
      await Promise.all([beat.stop(), sweep.stop()]);
    },
  };
}

const keptOf = (row: IdempotencyRow, request: KeyedRequest): KeptAnswer => ({
  requestId: row.requestId,
  contentType: row.contentType,
  bytes: openAnswer(row.answer, { tenant: request.tenant, key: request.key, requestId: row.requestId }),
});

const conflict = (what: string): PlatformError =>
  new PlatformError('conflict', { message: `the idempotency key ${what}`, details: { param: 'idempotency-key' } });

const pause = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.schedule(delayMs, resolve);
    signal.addEventListener('abort', () => timer.cancel(), { once: true });
  });

/** Rejects with the reason when the client goes. */
const gone = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
