import type { EvaluationRow } from '@maru/api/wire';
import { thresholdOf } from '../evaluations/threshold-of.ts';

/** A row fails when it has an error or a score under the threshold of its evaluator (under one half where there is none). */
export function rowFails(row: EvaluationRow, thresholds: Readonly<Record<string, number>>): boolean {
  if (row.error !== null) return true;
  return Object.entries(row.scores).some(([name, score]) => score.value !== null && score.value < (thresholdOf(thresholds, name) ?? 0.5));
}

/** Failed rows before the others; otherwise the order of the dataset. */
export const failedFirst = (rows: readonly EvaluationRow[], thresholds: Readonly<Record<string, number>>): readonly EvaluationRow[] =>
  rows.toSorted((left, right) => Number(rowFails(right, thresholds)) - Number(rowFails(left, thresholds)));
