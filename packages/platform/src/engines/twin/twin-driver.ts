import type { Clock, Timer } from '#time';
import type { Sequence, SequenceOptions } from './sequence.ts';
import type { StepWork } from './step-time.ts';
import { createStretch, type GapListener, type Stretch } from './stretch.ts';
import type { TwinCore } from './twin-core.ts';

export interface TwinDriverOptions {
  readonly core: TwinCore;
  readonly clock: Clock;
  /** 1 is real time, 10 lets time pass ten times as fast. */
  readonly speed?: number;
  /** Time between arrival and the scheduler, in milliseconds of the profile. */
  readonly requestOverheadMs?: number;
  /**
   * Lets equal steps pass in one event: their tokens are told here, as times between tokens, and not to the listeners of the
   * sequences, which hear of the first and the last token of such a stretch. For simulations; the schedule is the same.
   */
  readonly onGaps?: GapListener;
}

/** Runs an engine core on a clock, real or virtual: the only place where its time passes. */
export interface TwinDriver {
  /**
   * Takes effect after the request overhead and, where keys and values are received, `delayMs` more; throws `context_length_exceeded` at once.
   * Returns a function that aborts the sequence and frees its blocks at once.
   */
  submit(options: Omit<SequenceOptions, 'arrivalMs'> & { readonly delayMs?: number }): () => void;
  /** Frees what a finished sequence has kept, so many milliseconds of the profile later. */
  letGo(sequence: Sequence, afterMs: number): void;
  /** Empties the cache; what runs waits, to be computed anew. */
  forget(): void;
  /** Requests that have arrived and not yet reached the scheduler. */
  arriving(): number;
  /** Brings the core to the present, where steps pass in one event; call it before looking at its memory. */
  sync(): void;
  /**
   * Lets time pass at `factor` times its speed from the next step on: below 1 the engine is slow, at 0 it hangs until it is told
   * another one.
   */
  pace(factor: number): void;
  /** The step in progress; undefined while there is nothing to do. */
  pass(): { readonly work: StepWork; readonly durationMs: number } | undefined;
  /** Aborts everything and stops the timers. */
  close(): void;
}

/** Steps that a late timer may run in one go, so that a fast engine does not hold up the process. */
const MAX_STEPS_PER_TICK = 32;

export function createTwinDriver(options: TwinDriverOptions): TwinDriver {
  const { core, clock, onGaps } = options;
  const realSpeed = options.speed ?? 1;
  const overheadMs = (options.requestOverheadMs ?? 0) / realSpeed;
  let speed = realSpeed;
  const arrivals = new Set<Timer>();
  const kept = new Set<Timer>();
  let timer: Timer | undefined;
  let current: StepWork | undefined;
  let dueMs = 0;
  /** Equal steps in progress; always undefined without `onGaps`. */
  let stretch: Stretch | undefined;

  const wait = (): void => {
    timer = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), tick);
  };

  const start = (fromMs: number): void => {
    timer = undefined;
    current = undefined;
    if (speed === 0) return;
    const work = core.begin(fromMs);
    if (work === undefined) return;
    current = work;
    const steps = onGaps === undefined ? 0 : core.repeatable();
    stretch = steps === 0 ? undefined : createStretch({ core, work, fromMs, steps, speed });
    dueMs = stretch?.endMs() ?? fromMs + core.durationMs(work) / speed;
    wait();
  };

  const tick = (): void => {
    timer = undefined;
    for (let steps = 1; ; steps += 1) {
      const atMs = dueMs;
      if (stretch !== undefined && onGaps !== undefined) stretch.passAll(onGaps);
      stretch = undefined;
      deliver(core.end(atMs), atMs);
      start(atMs);
      if (timer === undefined || dueMs > clock.monotonicMs() || steps >= MAX_STEPS_PER_TICK) return;
      (timer as Timer).cancel();
    }
  };

  const sync = (): void => {
    if (stretch !== undefined && onGaps !== undefined) stretch.passUntil(clock.monotonicMs(), onGaps);
  };

  /** The batch is about to change: what was planned ends with the step that is in progress. */
  const interrupt = (): void => {
    if (stretch === undefined) return;
    sync();
    stretch.cut();
    dueMs = stretch.endMs();
    timer?.cancel();
    wait();
  };

  const resume = (): void => {
    if (timer === undefined) start(clock.monotonicMs());
  };

  const enter = (sequenceOptions: SequenceOptions): Sequence => {
    interrupt();
    const sequence = core.add(sequenceOptions);
    resume();
    return sequence;
  };

  return {
    arriving: () => arrivals.size,
    sync,
    forget: () => {
      interrupt();
      core.forget();
      resume();
    },
    letGo: (sequence, afterMs) => {
      const release = clock.schedule(afterMs / realSpeed, () => {
        kept.delete(release);
        interrupt();
        core.letGo(sequence);
        resume();
      });
      kept.add(release);
    },
    submit: ({ delayMs = 0, ...sequenceOptions }) => {
      core.check(sequenceOptions.promptTokens, sequenceOptions.outputTokens);
      const arrivalMs = clock.monotonicMs();
      let sequence: Sequence | undefined;
      const arrival = clock.schedule(overheadMs + delayMs / realSpeed, () => {
        arrivals.delete(arrival);
        sequence = enter({ ...sequenceOptions, arrivalMs });
      });
      arrivals.add(arrival);
      return () => {
        arrival.cancel();
        arrivals.delete(arrival);
        if (sequence === undefined) return;
        interrupt();
        core.abort(sequence);
      };
    },
    pace: (factor) => {
      interrupt();
      speed = realSpeed * factor;
      resume();
    },
    pass: () => {
      if (current === undefined || speed === 0) return undefined;
      sync();
      // A step that stands for many has more context with each of them.
      const work = stretch === undefined ? current : { ...current, decodeContext: core.queues.running.reduce((sum, { computed }) => sum + computed + 1, 0) };
      return { work, durationMs: core.durationMs(work) / speed };
    },
    close: () => {
      for (const planned of [...arrivals, ...kept]) planned.cancel();
      arrivals.clear();
      kept.clear();
      timer?.cancel();
      timer = undefined;
      current = undefined;
      stretch = undefined;
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
