import type { StepWork } from './step-time.ts';
import type { TwinCore } from './twin-core.ts';

/** Told about `steps` times between tokens, each of `sequences` requests: the first lasts `firstMs`, each next one `growthMs` longer. */
export type GapListener = (gaps: { readonly firstMs: number; readonly growthMs: number; readonly steps: number; readonly sequences: number }) => void;

/** Steps that have the same batch, one after the other: their times are a closed form, because each reads one token more per sequence. */
export interface Stretch {
  /** When the last of the steps ends. */
  endMs(): number;
  /** Takes effect of the steps that have ended by then, but for the last. */
  passUntil(nowMs: number, onGaps: GapListener): void;
  /** Takes effect of all steps but the last, which the caller ends. */
  passAll(onGaps: GapListener): void;
  /** Lets the step in progress be the last. */
  cut(): void;
}

export interface StretchOptions {
  readonly core: TwinCore;
  /** The first step, which has begun. */
  readonly work: StepWork;
  readonly fromMs: number;
  /** How many like it follow. */
  readonly steps: number;
  readonly speed: number;
}

export function createStretch(options: StretchOptions): Stretch {
  const { core, work, fromMs, speed } = options;
  const sequences = work.decodeSequences;
  const firstMs = core.durationMs(work) / speed;
  const growthMs = core.durationMs({ ...work, decodeContext: work.decodeContext + sequences }) / speed - firstMs;
  let planned = options.steps;
  let passed = 0;

  const endOf = (steps: number): number => fromMs + steps * firstMs + (growthMs * steps * (steps - 1)) / 2;

  /** Steps that have ended by then. */
  const endedBy = (nowMs: number): number => {
    const elapsedMs = nowMs - fromMs;
    const linear = firstMs - growthMs / 2;
    const guess = growthMs <= 0 ? elapsedMs / firstMs : (2 * elapsedMs) / (linear + Math.sqrt(linear * linear + 2 * growthMs * elapsedMs));
    let steps = Math.max(0, Math.floor(guess));
    while (steps > 0 && endOf(steps) > nowMs) steps -= 1;
    while (steps < planned && endOf(steps + 1) <= nowMs) steps += 1;
    return steps;
  };

  const pass = (until: number, onGaps: GapListener): void => {
    const steps = Math.min(until, planned) - passed;
    if (steps <= 0) return;
    tellGaps(core, { fromMs: endOf(passed), firstMs: firstMs + passed * growthMs, growthMs, steps, endMs: endOf(passed + steps) }, onGaps);
    core.repeat(steps);
    passed += steps;
  };

  return {
    endMs: () => endOf(planned + 1),
    passUntil: (nowMs, onGaps) => pass(endedBy(nowMs), onGaps),
    passAll: (onGaps) => pass(planned, onGaps),
    cut: () => {
      planned = passed;
    },
  };
}

interface Passage {
  readonly fromMs: number;
  readonly firstMs: number;
  readonly growthMs: number;
  readonly steps: number;
  readonly endMs: number;
}

/** A sequence that was held up before the stretch has a longer first gap than the others. */
function tellGaps(core: TwinCore, passage: Passage, onGaps: GapListener): void {
  const { fromMs, firstMs, growthMs, steps, endMs } = passage;
  let even = 0;
  for (const sequence of core.queues.running) {
    if (sequence.lastTokenMs === fromMs) even += 1;
    else onGaps({ firstMs: fromMs + firstMs - sequence.lastTokenMs, growthMs: 0, steps: 1, sequences: 1 });
    sequence.lastTokenMs = endMs;
  }
  if (even > 0) onGaps({ firstMs, growthMs, steps: 1, sequences: even });
  if (steps > 1) onGaps({ firstMs: firstMs + growthMs, growthMs, steps: steps - 1, sequences: core.queues.running.length });
}
