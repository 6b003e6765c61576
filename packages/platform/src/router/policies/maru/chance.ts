/** Chance that what is predicted turns out above its bound: a half at the bound; more sharpness means better predictions. */
export function chanceAbove(predicted: number, bound: number | undefined, sharpness: number): number {
  if (bound === undefined) return 0;
  const odds = (predicted / bound) ** sharpness;
  return odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
}

/** What is predicted of a time between tokens may be off by this share. */
const ITL_ERROR = 0.02;

/** Chance of being above a bound for what lies anywhere between two predictions. */
export function chanceBetween(least: number, most: number, bound: number | undefined): number {
  if (bound === undefined) return 0;
  const low = Math.min(least, most) * (1 - ITL_ERROR);
  const high = most * (1 + ITL_ERROR);
  return high <= low ? 0 : Math.min(1, Math.max(0, (high - bound) / (high - low)));
}
