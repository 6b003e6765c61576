const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes without a quote or an escape after which searching pays: it is fast, and dear to begin. */
const SEARCH_AFTER = 128;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/**
 * The byte after the closing quote of a string, from a byte inside of it that is not escaped. Four bytes are looked at together, as long as
 * escapes stand close to one another: a search for each of them takes longer. -1 where the string is not closed.
 */
export function skipLongString(bytes: Buffer, from: number): number {
  const shift = bytes.byteOffset & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset - shift, (bytes.length + shift) >> 2);
  let at = from;
  for (;;) {
    while (((at + shift) & 3) !== 0) {
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte === undefined) return -1;
      at += byte === BACKSLASH ? 2 : 1;
    }
    let word = (at + shift) >> 2;
    const end = Math.min(words.length, word + SEARCH_AFTER / 4);
    let marks = 0;
    for (; word < end; word += 1) {
      marks = marksOf(words[word] as number);
      if (marks !== 0) break;
    }
    at = word * 4 - shift;
    if (marks !== 0) {
      // The lowest mark is exact; those above it may not be.
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      if (bytes[at] === QUOTE) return at + 1;
      at += 2;
      continue;
    }
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return -1;
    let escapes = quote - 1;
    while (escapes >= at && bytes[escapes] === BACKSLASH) escapes -= 1;
    if ((quote - 1 - escapes) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** The high bit of each byte that is a quote or a backslash, in little-endian order: a byte that the exclusive or made zero borrows from it (Warren, Hacker's Delight, 6-1). */
function marksOf(four: number): number {
  const quotes = four ^ QUOTES;
  const backslashes = four ^ BACKSLASHES;
  return (((quotes - LOW_BITS) & ~quotes) | ((backslashes - LOW_BITS) & ~backslashes)) & HIGH_BITS;
}
