import type { Clock } from './clock.ts';

export interface Repetition {
  /** Ends it; resolves once a run in progress is over. */
  stop(): Promise<void>;
}

/** Does a piece of work every so often until it is stopped. A run that fails is made up by the next one; runs never overlap. */
export function repeat(clock: Clock, everyMs: number, work: () => Promise<unknown>): Repetition {
  let running: Promise<unknown> = Promise.resolve();
  const run = (): void => {
    running = running.then(work).catch(() => undefined);
    timer = clock.schedule(everyMs, run);
  };
  let timer = clock.schedule(everyMs, run);
  return {
    stop: async () => {
      timer.cancel();
      await running;
    },
  };
}
