/** A piece of a passage; `hit` where a word of the query stands. */
export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Words of the query that are worth marking; Korean words also without their last syllable, which is often a particle. */
function needles(query: string): readonly string[] {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
  const wanted = words.flatMap((word) => {
    if (/[\uAC00-\uD7A3]/.test(word)) return word.length > 2 ? [word, word.slice(0, -1)] : [word];
    return word.length > 2 ? [word] : [];
  });
  return [...new Set(wanted)].toSorted((left, right) => right.length - left.length);
}

/** Cuts a passage at the words of the query, without regard to case; the pieces together are the passage. */
export function highlight(text: string, query: string): readonly Piece[] {
  const words = needles(query);
  if (words.length === 0) return [{ text, hit: false }];
  const pattern = new RegExp(`(${words.map(escapeRegExp).join('|')})`, 'giu');
  return text
    .split(pattern)
    .map((piece, index) => ({ text: piece, hit: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}
