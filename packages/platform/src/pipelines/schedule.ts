import { PlatformError } from '@maru/api/errors';
import type { Pipeline } from '@maru/api/resources';
import { Cron } from 'croner';
import type { Clock } from '#time';

/** When a schedule is due next, in UTC; undefined when it is never due again. Throws `resource_invalid` when it is not a cron expression. */
export function nextDueMs(expression: string, afterMs: number): number | undefined {
  try {
    return new Cron(expression, { timezone: 'UTC', paused: true }).nextRun(new Date(afterMs))?.getTime();
  } catch (cause) {
    throw new PlatformError('resource_invalid', {
      message: `"${expression}" is not a cron expression such as "0 3 * * *": ${(cause as Error).message}`,
      cause,
    });
  }
}

export interface Scheduler {
  /** Replaces the pipelines that run by the clock. */
  set(pipelines: readonly Pipeline[]): void;
  close(): void;
}

/** Timers of the machine hold at most 24 days; a longer wait is cut into pieces. */
const MAX_WAIT_MS = 86_400_000;

/** Calls `onDue` when a schedule is due; times that passed while nothing ran are not made up for. */
export function createScheduler(clock: Clock, onDue: (pipeline: Pipeline, dueMs: number) => void): Scheduler {
  const timers = new Map<string, { cancel(): void }>();

  const plan = (pipeline: Pipeline, expression: string, afterMs: number): void => {
    const { name } = pipeline.metadata;
    const dueMs = nextDueMs(expression, afterMs);
    if (dueMs === undefined) return;
    const waitMs = dueMs - clock.nowMs();
    const wait = (): void => {
      if (clock.nowMs() < dueMs) {
        plan(pipeline, expression, afterMs);
        return;
      }
      plan(pipeline, expression, dueMs);
      onDue(pipeline, dueMs);
    };
    timers.set(name, clock.schedule(Math.min(Math.max(0, waitMs), MAX_WAIT_MS), wait));
  };
  const clear = (): void => {
    for (const timer of timers.values()) timer.cancel();
    timers.clear();
  };
  return {
    set(pipelines) {
      clear();
      for (const pipeline of pipelines) if (pipeline.spec.schedule !== undefined) plan(pipeline, pipeline.spec.schedule, clock.nowMs());
    },
    close: clear,
  };
}
