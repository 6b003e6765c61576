/** Ragas adds this to the divisor; its values are matched to the last digit. */
const EPSILON = 1e-10;

/** Mean of the precision at every useful place, in rank order: from 0 to 1, and 0 when nothing is useful. */
export function averagePrecision(useful: readonly boolean[]): number {
  let found = 0;
  let sum = 0;
  for (const [place, is] of useful.entries()) {
    if (!is) continue;
    found += 1;
    sum += found / (place + 1);
  }
  return sum / (found + EPSILON);
}
