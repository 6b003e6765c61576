const TWO_32 = 0x1_0000_0000;
/** Above this many words, the call that moves memory costs less than a loop. */
const LOOP_WORDS = 48;

/**
 * Place of the first pair whose fingerprint is not below this one. Pairs (fingerprint, word) lie without gaps in the order of their
 * fingerprints, which are spread evenly, so that a guess from the fingerprint misses by a few places only.
 */
export function placeOf(pairs: Uint32Array, count: number, fingerprint: number): number {
  let place = Math.floor((fingerprint * count) / TWO_32);
  while (place > 0 && (pairs[place * 2 - 2] ?? 0) >= fingerprint) place -= 1;
  while (place < count && (pairs[place * 2] ?? 0) < fingerprint) place += 1;
  return place;
}

/** Moves what lies from `start` to `end` by `by` words up or down. */
export function shift(words: Uint32Array | Uint8Array, range: { readonly start: number; readonly end: number }, by: number): void {
  const { start, end } = range;
  if (end - start > LOOP_WORDS) words.copyWithin(start + by, start, end);
  else if (by > 0) for (let index = end - 1; index >= start; index -= 1) words[index + by] = words[index] ?? 0;
  else for (let index = start; index < end; index += 1) words[index + by] = words[index] ?? 0;
}

/** Pairs that there is room for after `pairs` are full: small steps where many tables are large, so that little memory stands empty. */
export const grownPairs = (pairs: number): number => (pairs < 128 ? pairs + (pairs >>> 1) + 6 : Math.ceil((pairs * 17) / 16));
