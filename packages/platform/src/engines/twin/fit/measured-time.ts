import type { TwinProfile } from '../profile.ts';
import { type StepWork, stepTimeMs } from '../step-time.ts';

/** A measured time and the engine steps that it is made of. */
export interface MeasuredTime {
  readonly series: string;
  /** What was measured, for people: `8192 prompt tokens`. */
  readonly name: string;
  readonly steps: readonly StepWork[];
  /** Requests whose way to the scheduler (HTTP, tokenizer, template) lies within the time. */
  readonly requests: number;
  readonly measuredMs: number;
}

/** A file of measurements, whichever kind it is. */
export interface Measurements {
  readonly times: readonly MeasuredTime[];
  /** Where, when and how it was measured, in one sentence. */
  readonly source: string;
  readonly gpu: string;
  readonly title: string;
  readonly simulated: boolean;
  /** Tokens of KV memory next to the weights, where the file tells it. */
  readonly kvTokens: number | undefined;
}

export interface TimeError {
  readonly time: MeasuredTime;
  readonly twinMs: number;
  /** (twin − measured) / measured. */
  readonly error: number;
}

/** What the twin says against each measured time; none is left out. */
export function timeErrors(profile: TwinProfile, times: readonly MeasuredTime[]): readonly TimeError[] {
  return times.map((time) => {
    const stepsMs = time.steps.reduce((sum, work) => sum + stepTimeMs(profile, work), 0);
    const twinMs = stepsMs + time.requests * profile.requestOverheadMs;
    return { time, twinMs, error: (twinMs - time.measuredMs) / time.measuredMs };
  });
}
