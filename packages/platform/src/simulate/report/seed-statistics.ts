/** Mean over seeds, with the half width of its 95 % confidence interval; null with less than two seeds. */
export interface Estimate {
  readonly mean: number;
  readonly plusMinus: number | null;
}

/** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1. */
const T_QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086];
const NORMAL_QUANTILE = 1.96;

/** Undefined without values. */
export function estimate(values: readonly number[]): Estimate | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, plusMinus: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, plusMinus: (T_QUANTILES[count - 2] ?? NORMAL_QUANTILE) * Math.sqrt(variance / count) };
}
