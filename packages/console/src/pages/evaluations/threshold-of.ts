/** The threshold of an evaluator; a score such as `hit@5` falls under the threshold of `hit` where it has none of its own. */
export const thresholdOf = (thresholds: Readonly<Record<string, number>>, name: string): number | undefined =>
  thresholds[name] ?? thresholds[name.split('@')[0] ?? name];
