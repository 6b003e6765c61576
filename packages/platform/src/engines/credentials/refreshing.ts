import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';

/** Something that is valid for a while. */
export interface Expiring {
  /** Forever where absent. */
  readonly expiresAtMs?: number;
}

/** Holds one credential, fetched at first use and again before it expires. */
export interface Refreshing<T extends Expiring> {
  /** Throws what the fetching throws, or the reason of the signal. One fetch serves all who wait. */
  get(signal: AbortSignal): Promise<T>;
  /** The holder was refused: the next one is to be fetched anew. */
  forget(): void;
  close(): void;
}

export interface RefreshingOptions<T extends Expiring> {
  readonly clock: Clock;
  /** Gets a fresh one. Its signal fires when the owner closes, never because one of those who wait goes away. */
  readonly fetch: (signal: AbortSignal) => Promise<T>;
  /** Fetched again this long before the end; 5 minutes where absent, and half of what is left for what lives shorter. */
  readonly earlyMs?: number;
}

/** A refresh that fails while the old credential is still valid is no failure: the old one is given out, and the next caller tries again. */
export function createRefreshing<T extends Expiring>({ clock, fetch, earlyMs = 300_000 }: RefreshingOptions<T>): Refreshing<T> {
  const owner = new AbortController();
  let current: T | undefined;
  let renewAtMs = Number.POSITIVE_INFINITY;
  let fetching: Promise<T> | undefined;

  const isValid = (value: T | undefined): value is T => value !== undefined && (value.expiresAtMs === undefined || value.expiresAtMs > clock.nowMs());

  const renew = async (): Promise<T> => {
    try {
      const fresh = await fetch(owner.signal);
      current = fresh;
      const nowMs = clock.nowMs();
      renewAtMs = fresh.expiresAtMs === undefined ? Number.POSITIVE_INFINITY : fresh.expiresAtMs - Math.min(earlyMs, (fresh.expiresAtMs - nowMs) / 2);
      return fresh;
    } catch (error) {
      if (isValid(current)) return current;
      throw error;
    } finally {
      fetching = undefined;
    }
  };

  return {
    get(signal) {
      if (signal.aborted) return Promise.reject(reasonOf(signal));
      if (isValid(current) && clock.nowMs() < renewAtMs) return Promise.resolve(current);
      fetching ??= renew();
      return unlessAborted(fetching, signal);
    },
    forget() {
      current = undefined;
    },
    close() {
      owner.abort(new PlatformError('cancelled', { message: 'the engine was closed' }));
    },
  };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function reasonOf(signal: AbortSignal): PlatformError {
  const reason: unknown = signal.reason;
  return isPlatformError(reason) ? reason : new PlatformError('cancelled', { message: 'the request was cancelled', cause: reason });
}
