import { distance } from 'fastest-levenshtein';

/** The allowed name that a person most likely meant, or undefined when none is near. */
export function nearestName(wrong: string, allowed: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(wrong.length / 3) + 1);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of allowed) {
    const steps = distance(wrong.toLowerCase(), name.toLowerCase());
    if (steps < bestDistance) {
      best = name;
      bestDistance = steps;
    }
  }
  return best;
}
