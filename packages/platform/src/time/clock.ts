/** A cancellable timer. */
export interface Timer {
  cancel(): void;
}

/** The only source of time; a virtual clock runs the same code in simulation. */
export interface Clock {
  /** Wall time, in milliseconds since 1970. */
  nowMs(): number;
  /** Time for durations, in milliseconds, never going back. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. */
  schedule(delayMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

function sleepOn(clock: Pick<Clock, 'schedule'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The clock of the machine. A timer that waits keeps the process alive. */
export function createSystemClock(): Clock {
  const schedule = (delayMs: number, callback: () => void): Timer => {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  };
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule,
    sleep: (delayMs, signal) => sleepOn({ schedule }, delayMs, signal),
  };
}

/** A clock that stands still until it is moved; timers fire in the order of their due times. */
export interface FakeClock extends Clock {
  /** Moves time forward and fires what falls due, one by one, letting promises settle in between. */
  advance(byMs: number): Promise<void>;
  /** Number of timers that wait. */
  pending(): number;
}

export function createFakeClock(startMs = 1_800_000_000_000): FakeClock {
  let now = startMs;
  let sequence = 0;
  const waiting = new Map<number, { dueMs: number; callback: () => void }>();

  const schedule = (delayMs: number, callback: () => void): Timer => {
    sequence += 1;
    const id = sequence;
    waiting.set(id, { dueMs: now + Math.max(0, delayMs), callback });
    return { cancel: () => void waiting.delete(id) };
  };

  const nextDue = (limitMs: number): number | undefined => {
    let best: number | undefined;
    let bestDue = Number.POSITIVE_INFINITY;
    for (const [id, timer] of waiting) {
      if (timer.dueMs <= limitMs && timer.dueMs < bestDue) {
        best = id;
        bestDue = timer.dueMs;
      }
    }
    return best;
  };

  return {
    nowMs: () => now,
    monotonicMs: () => now - startMs,
    schedule,
    sleep: (delayMs, signal) => sleepOn({ schedule }, delayMs, signal),
    pending: () => waiting.size,
    async advance(byMs) {
      const targetMs = now + byMs;
      await settle();
      for (let id = nextDue(targetMs); id !== undefined; id = nextDue(targetMs)) {
        const timer = waiting.get(id);
        if (timer === undefined) continue;
        waiting.delete(id);
        now = Math.max(now, timer.dueMs);
        timer.callback();
        await settle();
      }
      now = targetMs;
    },
  };
}

/** Lets queued promise callbacks run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
