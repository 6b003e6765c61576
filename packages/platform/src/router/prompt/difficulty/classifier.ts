import { readFileSync } from 'node:fs';
import type { COMPLEXITIES } from '@maru/api/resources';
import { z } from 'zod';
import type { PromptFeatures } from './prompt-features.ts';

const classifierSchema = z.object({
  source: z.string().optional(),
  bias: z.number(),
  weights: z.record(z.string(), z.number()),
  thresholds: z.array(z.number()).length(2),
});

/** Weights of a logistic model: how probably only a strong model answers a request well. */
export interface Classifier {
  /** What it was trained on. */
  readonly source?: string | undefined;
  readonly bias: number;
  readonly weights: Readonly<Record<string, number>>;
  /** Difficulties from which a request is moderate, and complex. */
  readonly thresholds: readonly number[];
}

let builtIn: Classifier | undefined;

/** The classifier that comes with Maru; `source` says what it was trained on. */
export function builtInClassifier(): Classifier {
  builtIn ??= classifierSchema.parse(JSON.parse(readFileSync(new URL('../data/classifier.json', import.meta.url), 'utf8')));
  return builtIn;
}

/** From 0 to 1. */
export function difficultyOf(features: PromptFeatures, classifier: Classifier): number {
  let sum = classifier.bias;
  for (const name in features) sum += (features[name] ?? 0) * (classifier.weights[name] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

export type Complexity = (typeof COMPLEXITIES)[number];

/** The class of a difficulty. */
export function complexityOf(difficulty: number, classifier: Classifier): Complexity {
  const [moderate = 1, complex = 1] = classifier.thresholds;
  return difficulty < moderate ? 'simple' : difficulty < complex ? 'moderate' : 'complex';
}
