/** How long the answers of each model are, from those that it gave. */
export interface OutputLengths {
  /** Expected tokens of the next answer; never more than the request allows. */
  expected(model: string, maxTokens: number | undefined): number;
  learn(model: string, tokens: number): void;
}

const FIRST_GUESS = 256;
const SMOOTHING = 0.05;
const MAX_MODELS = 1024;

export function createOutputLengths(): OutputLengths {
  const means = new Map<string, number>();
  return {
    expected: (model, maxTokens) => Math.min(means.get(model) ?? FIRST_GUESS, maxTokens ?? Number.POSITIVE_INFINITY),
    learn: (model, tokens) => {
      const old = means.get(model) ?? FIRST_GUESS;
      means.set(model, old + SMOOTHING * (tokens - old));
      if (means.size > MAX_MODELS) means.delete(means.keys().next().value ?? '');
    },
  };
}
