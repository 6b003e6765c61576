import { distance } from 'fastest-levenshtein';

/** Up to three names that a person may have meant, nearest first. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.slice(0, 128).toLowerCase();
  return names
    .map((candidate) => ({ candidate, away: candidate.toLowerCase().includes(wanted) ? 0 : distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(2, Math.ceil(candidate.length / 3)))
    .sort((left, right) => left.away - right.away || left.candidate.localeCompare(right.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
