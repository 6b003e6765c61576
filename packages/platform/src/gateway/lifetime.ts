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
  /** Its number among the calls that run; given by them. */
  ticket = 0;
  readonly #clock: Clock;
  #reason: PlatformError | undefined;
  /** Those that run; there are two while one is asked beside another. */
  readonly #attempts = new Set<RunningAttempt>();
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
    for (const attempt of this.#attempts) attempt.abort(reason);
    for (const wake of this.#waiters) wake();
  }

  /** Throws the reason when it has ended. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** Starts an attempt. */
  begin(times: AttemptTimes = {}): AttemptTime {
    const time = new RunningAttempt(times, this.#clock, this.#attempts);
    this.#attempts.add(time);
    if (this.#reason !== undefined) time.abort(this.#reason);
    return time;
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

class RunningAttempt implements AttemptTime {
  readonly #times: AttemptTimes;
  readonly #clock: Clock;
  /** Those of the request, without the ones that have ended. */
  readonly #running: Set<RunningAttempt>;
  #callbacks: Abort[] | undefined;
  #controller: AbortController | undefined;
  #reason: PlatformError | undefined;
  #first: Timer | undefined;
  /** Watches for a silence; one timer, however many signs of life there are. */
  #silence: Timer | undefined;
  #limitMs: number | undefined;
  #lastMs = 0;

  constructor(times: AttemptTimes, clock: Clock, running: Set<RunningAttempt>) {
    this.#times = times;
    this.#clock = clock;
    this.#running = running;
    this.#limitSilence(times.timeoutMs);
    const { attemptMs } = times;
    if (attemptMs !== undefined)
      this.#first = clock.schedule(attemptMs, () =>
        this.abort(new PlatformError('upstream_timeout', { message: `the engine showed nothing within ${attemptMs} ms` })),
      );
  }

  // Most engines never ask for it, and making one costs more than routing a request.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get reason(): PlatformError | undefined {
    return this.#reason;
  }

  onAbort(callback: Abort): void {
    if (this.#reason !== undefined) callback(this.#reason);
    else if (this.#callbacks === undefined) this.#callbacks = [callback];
    else this.#callbacks.push(callback);
  }

  touch(): void {
    if (this.#limitMs !== undefined) this.#lastMs = this.#clock.monotonicMs();
  }

  shown(): void {
    this.#first?.cancel();
    this.#times.onShown?.();
    if (this.#times.stallMs !== undefined) this.#limitSilence(this.#times.stallMs);
  }

  abort(reason: PlatformError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const callback of this.#callbacks ?? []) callback(reason);
  }

  end(): void {
    this.#first?.cancel();
    this.#limitSilence(undefined);
    this.#running.delete(this);
  }

  #limitSilence(limitMs: number | undefined): void {
    this.#silence?.cancel();
    this.#limitMs = limitMs;
    if (limitMs === undefined) return;
    this.#lastMs = this.#clock.monotonicMs();
    this.#watchSilence(limitMs, limitMs);
  }

  #watchSilence(limitMs: number, delayMs: number): void {
    this.#silence = this.#clock.schedule(delayMs, () => {
      const silentMs = this.#clock.monotonicMs() - this.#lastMs;
      if (silentMs < limitMs) this.#watchSilence(limitMs, limitMs - silentMs);
      else this.abort(new PlatformError('upstream_timeout', { message: `the engine was silent for ${limitMs} ms` }));
    });
  }
}
