import { backoffMs, type Clock, type Timer } from '#time';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly concurrency: number;
  /** Does the work of one key; a throw puts the key back with backoff. Never runs twice at once for one key. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  readonly failed: (key: string, error: unknown, retryInMs: number) => void;
}

/** Keys that need work, each once, however often they are added. */
export interface WorkQueue {
  add(key: string): void;
  /** Resolves when nothing runs or waits to run; keys that wait for their backoff do not count. */
  idle(): Promise<void>;
  /** Aborts what runs and waits for it. */
  close(): Promise<void>;
}

const RETRY = { baseMs: 500, maxMs: 300_000 };

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  const timers = new Map<string, Timer>();
  const stop = new AbortController();
  let watchers: (() => void)[] = [];

  const settle = (): void => {
    if (waiting.size > 0 || running.size > 0) return;
    const resolved = watchers;
    watchers = [];
    for (const resolve of resolved) resolve();
  };

  const pump = (): void => {
    for (const key of waiting) {
      if (running.size >= options.concurrency || stop.signal.aborted) break;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.set(key, run(key));
    }
    settle();
  };

  const run = async (key: string): Promise<void> => {
    timers.get(key)?.cancel();
    timers.delete(key);
    try {
      await options.work(key, stop.signal);
      failures.delete(key);
    } catch (error) {
      if (!stop.signal.aborted) retryLater(key, error);
    } finally {
      running.delete(key);
      pump();
    }
  };

  const retryLater = (key: string, error: unknown): void => {
    const count = failures.get(key) ?? 0;
    failures.set(key, count + 1);
    // Half of the wait is certain: full jitter alone could retry a refused object at once, again and again.
    const delayMs =
      Math.round(RETRY.baseMs * Math.min(2 ** count, RETRY.maxMs / RETRY.baseMs) * 0.5) +
      backoffMs(count, { baseMs: RETRY.baseMs / 2, maxMs: RETRY.maxMs / 2, random: options.random });
    options.failed(key, error, delayMs);
    timers.set(
      key,
      options.clock.schedule(delayMs, () => add(key)),
    );
  };

  const add = (key: string): void => {
    if (stop.signal.aborted) return;
    waiting.add(key);
    pump();
  };

  return {
    add,
    idle: () =>
      new Promise((resolve) => {
        watchers.push(resolve);
        settle();
      }),
    async close() {
      stop.abort();
      for (const timer of timers.values()) timer.cancel();
      waiting.clear();
      await Promise.all(running.values());
      settle();
    },
  };
}
