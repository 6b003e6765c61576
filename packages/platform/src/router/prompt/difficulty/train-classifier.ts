import type { Classifier } from './classifier.ts';
import type { PromptFeatures } from './prompt-features.ts';

export interface TrainingRow {
  readonly features: PromptFeatures;
  /** Whether only a strong model answers it well. */
  readonly hard: boolean;
}

export interface TrainOptions {
  /** Said in the result. */
  readonly source: string;
  /** Strength of the pull of weights to 0; keeps a small set from being learned by heart. */
  readonly ridge?: number;
  readonly rounds?: number;
}

const STEP = 0.5;

/**
 * Fits a logistic model by gradient descent with a ridge; the same rows give the same weights. Both classes weigh the same, however many
 * rows they have: from 0.5 on, hard is more probable than easy. Below 0.3 a hard request is rare.
 */
export function trainClassifier(rows: readonly TrainingRow[], options: TrainOptions): Classifier {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.features)))].sort();
  const width = names.length;
  const values = Float64Array.from(rows.flatMap((row) => names.map((name) => row.features[name] ?? 0)));
  const hard = rows.filter((row) => row.hard).length;
  const shares = { hard: rows.length / (2 * Math.max(1, hard)), easy: rows.length / (2 * Math.max(1, rows.length - hard)) };
  const weights = new Float64Array(width);
  const ridge = options.ridge ?? 0.003;
  let bias = 0;
  for (let round = 0; round < (options.rounds ?? 3000); round += 1) {
    const slope = new Float64Array(width);
    let biasSlope = 0;
    for (let at = 0; at < rows.length; at += 1) {
      const start = at * width;
      let sum = bias;
      for (let index = 0; index < width; index += 1) sum += (values[start + index] ?? 0) * (weights[index] ?? 0);
      const isHard = rows[at]?.hard === true;
      const error = ((isHard ? 1 : 0) - 1 / (1 + Math.exp(-sum))) * (isHard ? shares.hard : shares.easy);
      for (let index = 0; index < width; index += 1) slope[index] = (slope[index] ?? 0) + error * (values[start + index] ?? 0);
      biasSlope += error;
    }
    for (let index = 0; index < width; index += 1)
      weights[index] = (weights[index] ?? 0) + STEP * ((slope[index] ?? 0) / rows.length - ridge * (weights[index] ?? 0));
    bias += (STEP * biasSlope) / rows.length;
  }
  const round = (value: number): number => Number(value.toFixed(4));
  return {
    source: options.source,
    bias: round(bias),
    weights: Object.fromEntries(names.map((name, index) => [name, round(weights[index] ?? 0)])),
    thresholds: [0.3, 0.5],
  };
}
