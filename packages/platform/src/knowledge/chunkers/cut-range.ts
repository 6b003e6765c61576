export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a text may be cut, best first: paragraph, line, sentence (also Chinese and Japanese), word. */
const BREAKS: readonly RegExp[] = [/\n[ \t]*\n+/g, /\n/g, /[.!?]["')\]]*\s+|[。！？]["'」』）]*/g, /\s+/g];

/**
 * Cuts a range into pieces of at most `size` that overlap by at most `overlap` (a quarter of `size` where that is less); together they cover the range.
 * A piece ends at the best break in its second half; a character is never cut in two.
 */
export function cutRange(text: string, range: Range, limits: { size: number; overlap: number }): Range[] {
  const pieces: Range[] = [];
  const overlap = Math.min(limits.overlap, Math.floor(limits.size / 4));
  let start = range.start;
  while (range.end - start > limits.size) {
    const end = findCut(text, start, start + limits.size);
    pieces.push({ start, end });
    start = overlap === 0 ? end : findRestart(text, { start, end }, overlap);
  }
  if (start < range.end) pieces.push({ start, end: range.end });
  return pieces;
}

function findCut(text: string, start: number, limit: number): number {
  const from = start + Math.floor((limit - start) / 2);
  const window = text.slice(from, limit);
  for (const pattern of BREAKS) {
    let cut = -1;
    for (const match of window.matchAll(pattern)) cut = match.index + match[0].length;
    if (cut > 0) return from + cut;
  }
  // Not before the middle: a piece always reaches past the overlap with the one before it.
  return wholeCharacter(text, limit, from);
}

/** Where the next piece begins: the first break within the overlap, so that it begins with a whole sentence or word. */
function findRestart(text: string, piece: Range, overlap: number): number {
  const from = Math.max(piece.start + 1, piece.end - overlap);
  const window = text.slice(from, piece.end);
  for (const pattern of BREAKS) {
    for (const match of window.matchAll(pattern)) {
      const at = from + match.index + match[0].length;
      if (at < piece.end) return at;
    }
  }
  // Scripts without spaces have no word break: any whole character will do.
  let at = from;
  while (at < piece.end && isInside(text, at)) at += 1;
  return at;
}

/** Moves a cut back when it would part a surrogate pair, a combining mark, or a joined emoji. */
function wholeCharacter(text: string, at: number, floor: number): number {
  let cut = at;
  while (cut > floor + 1 && at - cut < 32 && isInside(text, cut)) cut -= 1;
  if (!isInside(text, cut)) return cut;
  // A run of combining marks without end is cut anyway, but a pair never is.
  return isLowSurrogate(text.charCodeAt(at)) && at - 1 > floor ? at - 1 : at;
}

function isInside(text: string, at: number): boolean {
  if (at >= text.length) return false;
  if (isLowSurrogate(text.charCodeAt(at))) return true;
  const next = text.slice(at, at + 1);
  return /^(?:\p{M}|\u200d|\ufe0f|[\u1160-\u11ff])/u.test(next) || text.charCodeAt(at - 1) === 0x200d;
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
