import type { Finding } from '../detect/finding.ts';

/** One place of a text and what stands there afterwards. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Puts the replacements into a text; they are in order and do not overlap. */
export function replaceAt(text: string, replacements: readonly Replacement[]): string {
  if (replacements.length === 0) return text;
  let result = '';
  let from = 0;
  for (const { start, end, text: put } of replacements) {
    result += text.slice(from, start) + put;
    from = end;
  }
  return result + text.slice(from);
}

/** What stands instead of something that the model itself wrote. */
export const maskOf = (finding: Finding): string => `[${finding.kind.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}]`;

const MARK = /<[A-Z][A-Z0-9_]{1,28}_\d{1,6}>/g;

/** Marks in a text that the vault knows. */
export function findMarks(text: string, reveal: (mark: string) => string | undefined): Replacement[] {
  const found: Replacement[] = [];
  for (const match of text.matchAll(MARK)) {
    const value = reveal(match[0]);
    if (value !== undefined) found.push({ start: match.index, end: match.index + match[0].length, text: value });
  }
  return found;
}

/** Both lists in order; of two that overlap, the one that begins first stays. */
export function mergeReplacements(first: readonly Replacement[], second: readonly Replacement[]): readonly Replacement[] {
  if (second.length === 0) return first;
  const kept: Replacement[] = [];
  let end = 0;
  for (const each of [...first, ...second].sort((left, right) => left.start - right.start)) {
    if (each.start < end) continue;
    kept.push(each);
    end = each.end;
  }
  return kept;
}
