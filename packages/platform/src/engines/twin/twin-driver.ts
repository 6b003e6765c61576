import type { Clock, Timer } from '#time';
import type { Sequence, SequenceOptions } from './sequence.ts';
import type { StepWork } from './step-time.ts';
import type { TwinCore } from './twin-core.ts';

export interface TwinDriverOptions {
  readonly core: TwinCore;
  readonly clock: Clock;
  /** 1 is real time, 10 lets time pass ten times as fast. */
  readonly speed?: number;
  /** Time between arrival and the scheduler, in milliseconds of the profile. */
  readonly requestOverheadMs?: number;
  /** Told about every step, for metrics. */
  readonly onStep?: (work: StepWork, durationMs: number) => void;
}

/** Runs an engine core on a clock, real or virtual: the only place where its time passes. */
export interface TwinDriver {
  /**
   * Takes effect after the request overhead; throws `context_length_exceeded` at once.
   * Returns a function that aborts the sequence and frees its blocks at once.
   */
  submit(options: Omit<SequenceOptions, 'arrivalMs'>): () => void;
  /** Requests that have arrived and not yet reached the scheduler. */
  arriving(): number;
  /** Aborts everything and stops the timers. */
  close(): void;
}

/** Steps that a late timer may run in one go, so that a fast engine does not hold up the process. */
const MAX_STEPS_PER_TICK = 32;

export function createTwinDriver(options: TwinDriverOptions): TwinDriver {
  const { core, clock } = options;
  const speed = options.speed ?? 1;
  const overheadMs = (options.requestOverheadMs ?? 0) / speed;
  const arrivals = new Set<Timer>();
  let timer: Timer | undefined;
  let dueMs = 0;

  const start = (fromMs: number): void => {
    const work = core.begin(fromMs);
    if (work === undefined) {
      timer = undefined;
      return;
    }
    const durationMs = core.durationMs(work) / speed;
    options.onStep?.(work, durationMs);
    dueMs = fromMs + durationMs;
    timer = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), tick);
  };

  const tick = (): void => {
    timer = undefined;
    for (let steps = 1; ; steps += 1) {
      const atMs = dueMs;
      deliver(core.end(atMs), atMs);
      start(atMs);
      if (timer === undefined || dueMs > clock.monotonicMs() || steps >= MAX_STEPS_PER_TICK) return;
      (timer as Timer).cancel();
    }
  };

  const enter = (sequenceOptions: SequenceOptions): Sequence => {
    const sequence = core.add(sequenceOptions);
    if (timer === undefined) start(clock.monotonicMs());
    return sequence;
  };

  return {
    arriving: () => arrivals.size,
    submit: (sequenceOptions) => {
      core.check(sequenceOptions.promptTokens, sequenceOptions.outputTokens);
      const arrivalMs = clock.monotonicMs();
      let sequence: Sequence | undefined;
      const arrival = clock.schedule(overheadMs, () => {
        arrivals.delete(arrival);
        sequence = enter({ ...sequenceOptions, arrivalMs });
      });
      arrivals.add(arrival);
      return () => {
        arrival.cancel();
        arrivals.delete(arrival);
        if (sequence !== undefined) core.abort(sequence);
      };
    },
    close: () => {
      for (const arrival of arrivals) arrival.cancel();
      arrivals.clear();
      timer?.cancel();
      timer = undefined;
      for (const sequence of [...core.queues.running, ...core.queues.waiting]) core.abort(sequence);
    },
  };
}

function deliver(emitted: readonly Sequence[], atMs: number): void {
  for (const sequence of emitted) {
    const complete = sequence.generated >= sequence.outputTokens;
    // A listener may have aborted a sequence that comes later in the same step.
    if (sequence.state === 'finished' && !complete) continue;
    sequence.listener.onToken(sequence, atMs);
    sequence.lastTokenMs = atMs;
    if (complete) sequence.listener.onFinish(sequence, atMs);
  }
}
