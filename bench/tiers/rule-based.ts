import { type TextFeatures, textFeatures } from '../../packages/platform/src/router/index.ts';

export type Complexity = 'simple' | 'moderate' | 'complex';

export interface ComplexityInput {
  readonly promptTokens: number;
  /** Messages of the conversation; 1 for a plain prompt. */
  readonly turns: number;
  readonly tools: boolean;
  readonly images: boolean;
  /** What the user wrote last. */
  readonly text: string;
}

/** Prompts of this many tokens are complex whatever they say, so their text is not looked at. */
export const ALWAYS_COMPLEX_TOKENS = 8192;

/**
 * Class of a request by points: length, turns, code, mathematics, tools, images, lists and words that ask for thought.
 * 0 or 1 point is simple, 2 or 3 moderate, more complex.
 */
export function complexityOf(input: ComplexityInput): Complexity {
  if (input.promptTokens >= ALWAYS_COMPLEX_TOKENS) return 'complex';
  const points = textPoints(textFeatures(input.text)) + contextPoints(input);
  if (points <= 1) return 'simple';
  return points <= 3 ? 'moderate' : 'complex';
}

function textPoints(features: TextFeatures): number {
  return (
    (features.length > 280 ? 1 : 0) +
    (features.length > 1500 ? 1 : 0) +
    (features.questions > 2 ? 1 : 0) +
    (features.listItems > 2 ? 1 : 0) +
    (features.code ? 2 : 0) +
    (features.math ? 1 : 0) +
    Math.min(3, features.reasoningWords)
  );
}

function contextPoints(input: ComplexityInput): number {
  return (input.promptTokens > 1000 ? 1 : 0) + (input.promptTokens > 4000 ? 1 : 0) + (input.turns > 8 ? 1 : 0) + (input.tools ? 1 : 0) + (input.images ? 1 : 0);
}
