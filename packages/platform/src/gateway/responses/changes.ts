import type { Clock } from '#time';

/** Another process may have changed something; it is looked for this often. */
const LOOK_MS = 500;

export interface Watch {
  /** Resolves at the next change since the watch began, after a while, or when the signal fires. */
  wait(signal: AbortSignal): Promise<void>;
  drop(): void;
}

/** Tells those who follow a response that it has gone on. */
export class Changes {
  readonly #clock: Clock;
  readonly #watches = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(id: string): void {
    for (const wake of this.#watches.get(id) ?? []) wake();
  }

  /** Begin the watch before you read: no change is missed then. */
  watch(id: string): Watch {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const watches = this.#watches.get(id) ?? new Set();
    this.#watches.set(id, watches.add(wake));
    return {
      wait: async (signal) => {
        const timer = this.#clock.schedule(LOOK_MS, wake);
        signal.addEventListener('abort', wake, { once: true });
        if (!signal.aborted) await woken;
        timer.cancel();
        signal.removeEventListener('abort', wake);
      },
      drop: () => {
        watches.delete(wake);
        if (watches.size === 0 && this.#watches.get(id) === watches) this.#watches.delete(id);
      },
    };
  }
}
