import type { TargetPassage } from '../ports.ts';

/** A row with its answer, as an evaluator sees it. */
export interface AnsweredRow {
  readonly input: string;
  readonly expected: string | undefined;
  readonly relevant: readonly string[] | undefined;
  readonly answer: string;
  readonly passages: readonly TargetPassage[];
}

/**
 * A verdict about a row. `not-applicable` leaves the row out of the mean; `missing` means that there should have been a
 * score and there is none: never a silent zero.
 */
export type Verdict =
  | { readonly type: 'score'; readonly value: number; readonly reason?: string }
  | { readonly type: 'not-applicable'; readonly reason: string }
  | { readonly type: 'missing'; readonly reason: string };

/** One measure. Values are from 0 to 1, higher is better. */
export interface Evaluator {
  /** Name of its scores, for example `hit@5`; unique in an evaluation. */
  readonly name: string;
  /** Its type in the resource; thresholds may be given by type or by name. */
  readonly type: string;
  evaluate(row: AnsweredRow, signal: AbortSignal): Promise<Verdict>;
}

export const score = (value: number, reason?: string): Verdict => (reason === undefined ? { type: 'score', value } : { type: 'score', value, reason });
export const notApplicable = (reason: string): Verdict => ({ type: 'not-applicable', reason });
export const missing = (reason: string): Verdict => ({ type: 'missing', reason });

/** An evaluator that only computes. */
export const pureEvaluator = (name: string, type: string, judge: (row: AnsweredRow) => Verdict): Evaluator => ({
  name,
  type,
  evaluate: (row) => Promise.resolve(judge(row)),
});
