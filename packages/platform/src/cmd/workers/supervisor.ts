import { PlatformError, toPlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids, type Timer } from '#time';

/** One process that was started. */
export interface StartedWorker {
  readonly pid: number;
  /** Resolves when it serves; rejects with why it can not. */
  readonly ready: Promise<void>;
  /** Resolves with the exit code or the signal. */
  readonly exited: Promise<number | string>;
  /** Asks it to finish what it has begun and to end. */
  stop(): void;
  kill(): void;
}

export interface SupervisorOptions {
  readonly count: number;
  /** Starts the worker of a place, from 1. */
  readonly start: (index: number) => StartedWorker;
  /** How long workers may take to stop before they are killed. */
  readonly graceMs: number;
  /** Called once when a worker can not be kept running: the platform is to stop. */
  readonly onGivenUp: (error: PlatformError) => void;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Keeps the workers running: one that ends is replaced, at once when it was well, later and later when it ended soon after its start, and not for ever. */
export interface Supervisor {
  /** Resolves when every worker serves for the first time; rejects when one of them can not. */
  readonly ready: Promise<void>;
  /** Workers that serve now. */
  serving(): number;
  /** Stops all workers; kills those that are not gone in time. */
  close(): Promise<void>;
}

/** Who has served so long was well: its end is not counted with earlier ones. */
const WELL_AFTER_MS = 1000;
const MAX_SHORT_LIVES = 6;
const BACKOFF = { baseMs: 500, maxMs: 10_000 };

/** Starts the workers at once. */
export function superviseWorkers(options: SupervisorOptions): Supervisor {
  const { clock, ids, log } = options;
  const running = new Map<number, { readonly worker: StartedWorker; servesSinceMs: number | undefined }>();
  const timers = new Set<Timer>();
  let closing = false;
  let givenUp = false;

  const giveUp = (error: PlatformError): void => {
    if (givenUp || closing) return;
    givenUp = true;
    options.onGivenUp(error);
  };

  /** Runs the worker of a place from now on; resolves when it serves for the first time. */
  const keep = (index: number, shortLives: number): Promise<void> => {
    const worker = options.start(index);
    const entry: { readonly worker: StartedWorker; servesSinceMs: number | undefined } = { worker, servesSinceMs: undefined };
    running.set(index, entry);
    let problem: unknown;
    const ready = worker.ready.then(
      () => {
        entry.servesSinceMs = clock.monotonicMs();
        if (shortLives > 0) log.info({ worker: index, pid: worker.pid }, 'a worker was replaced');
      },
      (error: unknown) => {
        problem = error;
        throw error;
      },
    );
    void worker.exited.then((code) => {
      running.delete(index);
      if (closing || givenUp) return;
      const servedMs = clock.monotonicMs() - (entry.servesSinceMs ?? Number.POSITIVE_INFINITY);
      const lives = servedMs >= WELL_AFTER_MS ? 1 : shortLives + 1;
      const why = problem === undefined ? `it ended with ${code}` : toPlatformError(problem).message;
      if (lives > MAX_SHORT_LIVES) {
        giveUp(
          new PlatformError('internal', {
            message: `worker ${index} ended ${lives} times in a row soon after its start (${why}): look at its log`,
            cause: problem,
          }),
        );
        return;
      }
      const delayMs = lives === 1 ? 0 : backoffMs(lives - 2, { ...BACKOFF, random: () => ids.random() });
      log.warn({ worker: index, pid: worker.pid, ended: code, delayMs }, 'a worker has ended: it is replaced');
      const timer = clock.schedule(delayMs, () => {
        timers.delete(timer);
        // What goes wrong is seen in its end.
        if (!closing) void keep(index, lives).catch(() => undefined);
      });
      timers.add(timer);
    });
    return ready;
  };

  const firsts = Array.from({ length: options.count }, (_, place) => keep(place + 1, 0));
  const ready = Promise.all(firsts).then(() => undefined);
  ready.catch(() => undefined);

  const close = async (): Promise<void> => {
    closing = true;
    for (const timer of timers) timer.cancel();
    const workers = [...running.values()].map((entry) => entry.worker);
    for (const worker of workers) worker.stop();
    const late = clock.schedule(options.graceMs, () => {
      for (const { worker } of running.values()) {
        log.error({ pid: worker.pid }, 'a worker did not stop in time: it is killed');
        worker.kill();
      }
    });
    await Promise.all(workers.map((worker) => worker.exited));
    late.cancel();
  };

  return { ready, serving: () => [...running.values()].filter((entry) => entry.servesSinceMs !== undefined).length, close };
}
