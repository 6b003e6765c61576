import { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';

/** How long an attempt may take, in milliseconds; no limit where absent. */
export interface AttemptTimes {
  /** Longest silence. */
  readonly timeoutMs?: number | undefined;
  /** Until something is shown to the client. */
  readonly attemptMs?: number | undefined;
  /** Longest silence after that, in place of `timeoutMs`. */
  readonly stallMs?: number | undefined;
  /** Called when something is shown to the client for the first time. */
  readonly onShown?: (() => void) | undefined;
}

/** The signal of one attempt, with its own timeout that starts anew at every sign of life. */
export interface AttemptTime {
  readonly signal: AbortSignal;
  /** Why it was aborted; undefined while it goes on. */
  readonly reason: PlatformError | undefined;
  /** Called with the reason when the attempt is aborted, at once when it already was; cheaper than a listener on the signal. */
  onAbort(callback: (reason: PlatformError) => void): void;
  /** A sign of life. */
  touch(): void;
  /** The client has seen something: no other engine can take over from here. */
  shown(): void;
  /** Gives the attempt up. */
  abort(reason: PlatformError): void;
  end(): void;
}

type Abort = (reason: PlatformError) => void;

/** How long a request may live: until the client goes, its deadline passes, or the platform stops. */
export class Lifetime {
  readonly #clock: Clock;
  #reason: PlatformError | undefined;
  /** Of the attempts that run; there are two while one is asked beside another. */
  readonly #aborts = new Set<Abort>();
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

  /** Ends it: the running attempts are aborted at once. Only the first reason counts. */
  end(reason: PlatformError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const abort of this.#aborts) abort(reason);
    for (const wake of this.#waiters) wake();
  }

  /** Throws the reason when it has ended. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** Starts an attempt. */
  begin(times: AttemptTimes = {}): AttemptTime {
    let controller: AbortController | undefined;
    const callbacks: Abort[] = [];
    let aborted: PlatformError | undefined;
    const abort = (reason: PlatformError): void => {
      if (aborted !== undefined) return;
      aborted = reason;
      controller?.abort(reason);
      for (const callback of callbacks) callback(reason);
    };
    this.#aborts.add(abort);
    if (this.#reason !== undefined) abort(this.#reason);
    const silence = watchSilence(this.#clock, abort);
    silence.limit(times.timeoutMs);
    const { attemptMs } = times;
    const first =
      attemptMs === undefined
        ? undefined
        : this.#clock.schedule(attemptMs, () => abort(new PlatformError('upstream_timeout', { message: `the engine showed nothing within ${attemptMs} ms` })));
    return {
      // Most engines never ask for it, and making one costs more than routing a request.
      get signal() {
        if (controller === undefined) {
          controller = new AbortController();
          if (aborted !== undefined) controller.abort(aborted);
        }
        return controller.signal;
      },
      get reason() {
        return aborted;
      },
      touch: silence.touch,
      shown: () => {
        first?.cancel();
        times.onShown?.();
        if (times.stallMs !== undefined) silence.limit(times.stallMs);
      },
      onAbort: (callback) => {
        if (aborted === undefined) callbacks.push(callback);
        else callback(aborted);
      },
      abort,
      end: () => {
        first?.cancel();
        silence.limit(undefined);
        this.#aborts.delete(abort);
      },
    };
  }

  /** Calls back with the reason when it is ended early; returns how not to be called. */
  onEnd(callback: Abort): () => void {
    const wake = (): void => {
      if (this.#reason !== undefined) callback(this.#reason);
    };
    this.#waiters.add(wake);
    return () => void this.#waiters.delete(wake);
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

/** Aborts after a silence; one timer, however many signs of life there are. */
function watchSilence(clock: Clock, abort: Abort): { touch(): void; limit(limitMs: number | undefined): void } {
  let lastMs = 0;
  let watched = false;
  let timer: Timer | undefined;
  const arm = (limitMs: number, delayMs: number): void => {
    timer = clock.schedule(delayMs, () => {
      const silentMs = clock.monotonicMs() - lastMs;
      if (silentMs < limitMs) arm(limitMs, limitMs - silentMs);
      else abort(new PlatformError('upstream_timeout', { message: `the engine was silent for ${limitMs} ms` }));
    });
  };
  return {
    touch: () => {
      if (watched) lastMs = clock.monotonicMs();
    },
    limit: (limitMs) => {
      timer?.cancel();
      watched = limitMs !== undefined;
      if (limitMs === undefined) return;
      lastMs = clock.monotonicMs();
      arm(limitMs, limitMs);
    },
  };
}
