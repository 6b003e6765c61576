import { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';

/** The signal of one attempt, with its own timeout that starts anew at every sign of life. */
export interface AttemptTime {
  readonly signal: AbortSignal;
  /** Called with the reason when the attempt is aborted, at once when it already was; cheaper than a listener on the signal. */
  onAbort(callback: (reason: PlatformError) => void): void;
  /** A sign of life. */
  touch(): void;
  /** Gives the attempt up. */
  abort(reason: PlatformError): void;
  end(): void;
}

/** How long a request may live: until the client goes, its deadline passes, or the platform stops. */
export class Lifetime {
  readonly #clock: Clock;
  #reason: PlatformError | undefined;
  #abortCurrent: ((reason: PlatformError) => void) | undefined;
  #deadline: Timer | undefined;
  readonly #waiters = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why it was ended early; undefined while it lives. */
  get reason(): PlatformError | undefined {
    return this.#reason;
  }

  setDeadline(deadlineMs: number): void {
    this.#deadline ??= this.#clock.schedule(deadlineMs, () =>
      this.end(new PlatformError('upstream_timeout', { message: `the request was not answered within ${deadlineMs} ms` })),
    );
  }

  /** Ends it: the running attempt is aborted at once. Only the first reason counts. */
  end(reason: PlatformError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#abortCurrent?.(reason);
    for (const wake of this.#waiters) wake();
  }

  /** Throws the reason when it has ended. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** Starts an attempt; `timeoutMs` is its longest silence. */
  begin(timeoutMs: number | undefined): AttemptTime {
    const clock = this.#clock;
    const controller = new AbortController();
    const callbacks: ((reason: PlatformError) => void)[] = [];
    let aborted: PlatformError | undefined;
    const abort = (reason: PlatformError): void => {
      if (aborted !== undefined) return;
      aborted = reason;
      controller.abort(reason);
      for (const callback of callbacks) callback(reason);
    };
    this.#abortCurrent = abort;
    if (this.#reason !== undefined) abort(this.#reason);
    let lastMs = 0;
    let timer: Timer | undefined;
    const arm = (limitMs: number, delayMs: number): void => {
      timer = clock.schedule(delayMs, () => {
        const silentMs = clock.monotonicMs() - lastMs;
        if (silentMs < limitMs) arm(limitMs, limitMs - silentMs);
        else abort(new PlatformError('upstream_timeout', { message: `the engine was silent for ${limitMs} ms` }));
      });
    };
    if (timeoutMs !== undefined) {
      lastMs = clock.monotonicMs();
      arm(timeoutMs, timeoutMs);
    }
    return {
      signal: controller.signal,
      touch: () => {
        if (timeoutMs !== undefined) lastMs = clock.monotonicMs();
      },
      onAbort: (callback) => {
        if (aborted === undefined) callbacks.push(callback);
        else callback(aborted);
      },
      abort,
      end: () => {
        timer?.cancel();
        if (this.#abortCurrent === abort) this.#abortCurrent = undefined;
      },
    };
  }

  /** Waits; returns early when it is ended. */
  sleep(delayMs: number): Promise<void> {
    if (this.#reason !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = this.#clock.schedule(delayMs, wake);
      this.#waiters.add(wake);
    });
  }

  /** The request is over. */
  close(): void {
    this.#deadline?.cancel();
  }
}
