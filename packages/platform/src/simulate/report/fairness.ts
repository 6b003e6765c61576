/** What somebody asked for and got, in the same unit. */
export interface Portion {
  readonly asked: number;
  readonly got: number;
}

/**
 * Jain's index over what each got of its max-min fair share of all that was given: 1 where everybody got that share, 1/n where one of n got
 * everything. Null where nothing was given.
 */
export function fairnessOf(portions: readonly Portion[]): number | null {
  const asking = portions.filter(({ asked }) => asked > 0);
  const given = asking.reduce((sum, { got }) => sum + got, 0);
  if (given === 0) return null;
  const level = fairLevel(
    asking.map(({ asked }) => asked),
    given,
  );
  const shares = asking.map(({ asked, got }) => got / Math.min(asked, level));
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}

/** What nobody gets more of where `given` is divided max-min fairly: who asks for less gets all that it asks for. */
function fairLevel(asked: readonly number[], given: number): number {
  let left = given;
  let level = 0;
  for (const [index, wish] of [...asked].sort((one, other) => one - other).entries()) {
    const equal = left / (asked.length - index);
    level = equal;
    if (wish >= equal) break;
    left -= wish;
  }
  return level;
}
