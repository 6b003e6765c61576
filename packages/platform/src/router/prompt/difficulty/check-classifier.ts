import { type Classifier, difficultyOf } from './classifier.ts';
import type { TrainingRow } from './train-classifier.ts';

/** How a classifier does on rows that it was not trained on. */
export interface ClassifierCheck {
  readonly hard: number;
  readonly easy: number;
  /** Hard requests that would go to the small model: lost quality. */
  readonly hardAsEasy: number;
  /** Easy requests that would go to the big model: lost money. */
  readonly easyAsHard: number;
  /** From 0 to 1. */
  readonly accuracy: number;
}

/** Counts at a threshold; that of `complex` where absent. */
export function checkClassifier(rows: readonly TrainingRow[], classifier: Classifier, threshold = classifier.thresholds[1] ?? 0.5): ClassifierCheck {
  const says = rows.map((row) => ({ hard: row.hard, big: difficultyOf(row.features, classifier) >= threshold }));
  const hard = rows.filter((row) => row.hard).length;
  const hardAsEasy = says.filter((each) => each.hard && !each.big).length;
  const easyAsHard = says.filter((each) => !each.hard && each.big).length;
  return { hard, easy: rows.length - hard, hardAsEasy, easyAsHard, accuracy: rows.length === 0 ? 0 : 1 - (hardAsEasy + easyAsHard) / rows.length };
}
