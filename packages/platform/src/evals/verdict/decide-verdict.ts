import type { RowScores } from './row-scores.ts';

export interface FinishedRow {
  readonly failed: boolean;
  readonly scores: RowScores;
}

export interface EvaluationVerdict {
  /** Null when no threshold was set: nothing was demanded. */
  readonly verdict: 'pass' | 'fail' | null;
  readonly reasons: readonly string[];
  /** Mean over the rows that have the score; null when none has. */
  readonly means: Readonly<Record<string, number | null>>;
}

export interface VerdictPlan {
  readonly evaluators: readonly { readonly name: string; readonly type: string }[];
  /** Least mean, by the type or the name of an evaluator. */
  readonly thresholds: Readonly<Record<string, number>>;
}

/** Rounding of a mean must not fail a gate. */
const EPSILON = 1e-9;

/**
 * Means and verdict of an evaluation. It fails when a mean is below its threshold, and also when a row has no answer or a
 * demanded score is missing: a gate must never open because something could not be measured.
 */
export function decideVerdict(plan: VerdictPlan, rows: readonly FinishedRow[]): EvaluationVerdict {
  const means: Record<string, number | null> = {};
  for (const { name } of plan.evaluators) means[name] = mean(rows.flatMap((row) => row.scores[name]?.value ?? []));
  if (Object.keys(plan.thresholds).length === 0) return { verdict: null, reasons: [], means };
  const failed = rows.filter((row) => row.failed).length;
  const reasons = failed === 0 ? [] : [`${failed} of ${rows.length} rows have no answer`];
  for (const [key, threshold] of Object.entries(plan.thresholds)) reasons.push(...missed(plan, { key, threshold, means, rows }));
  return { verdict: reasons.length === 0 ? 'pass' : 'fail', reasons, means };
}

interface Demand {
  readonly key: string;
  readonly threshold: number;
  readonly means: Readonly<Record<string, number | null>>;
  readonly rows: readonly FinishedRow[];
}

function missed(plan: VerdictPlan, demand: Demand): readonly string[] {
  const evaluators = plan.evaluators.filter((evaluator) => evaluator.type === demand.key || evaluator.name === demand.key);
  if (evaluators.length === 0) return [`${demand.key} has a threshold, but no evaluator of this name is listed`];
  return evaluators.flatMap(({ name }) => {
    const value = demand.means[name] ?? null;
    if (value === null) return [`${name} has no score on any row`];
    const without = demand.rows.filter((row) => row.scores[name]?.applies === true && row.scores[name].value === null).length;
    return [
      ...(without === 0 ? [] : [`${name} has no score on ${without} of ${demand.rows.length} rows`]),
      ...(value + EPSILON >= demand.threshold ? [] : [`${name} is ${format(value)}, below ${format(demand.threshold)}`]),
    ];
  });
}

const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);

const format = (value: number): string => String(Math.round(value * 10_000) / 10_000);
