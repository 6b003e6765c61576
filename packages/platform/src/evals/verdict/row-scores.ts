import type { Verdict } from '../evaluators/evaluator.ts';
import { parseJson } from '../text/parse-json.ts';

/** A score as it is stored with its row. */
export interface RowScore {
  readonly value: number | null;
  readonly reason: string | null;
  /** False when the evaluator has nothing to say about this row. */
  readonly applies: boolean;
}
export type RowScores = Readonly<Record<string, RowScore>>;

export function toRowScore(verdict: Verdict): RowScore {
  if (verdict.type === 'score' && !Number.isFinite(verdict.value)) return { value: null, reason: 'the score is not a number', applies: true };
  if (verdict.type === 'score') return { value: verdict.value, reason: verdict.reason ?? null, applies: true };
  return { value: null, reason: verdict.reason, applies: verdict.type === 'missing' };
}

/** Stored scores; empty for a row that has none. */
export const parseRowScores = (json: string | null): RowScores => (json === null ? {} : (parseJson(json) as RowScores));
