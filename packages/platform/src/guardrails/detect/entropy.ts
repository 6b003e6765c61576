import { isDigit, isLetter } from './characters.ts';
import type { Detector, Finding } from './finding.ts';

const LEAST_CHARS = 32;
const MAX_CHARS = 512;
/** Bits per letter above which a word of this length is no language: random base64 has 4.9 and more at 40 letters. */
const LEAST_BITS = 4.2;

const isSecretPart = (code: number): boolean => isLetter(code) || isDigit(code) || code === 43 || code === 47 || code === 95 || code === 45 || code === 61;

/** Words that look random: long, mixed, of high entropy. Hashes in hex have at most 4 bits per letter and are left alone. */
export const findRandomWords: Detector = (reader) => {
  const found: Finding[] = [];
  let start = -1;
  for (let at = 0; at <= reader.length; at += 1) {
    if (at < reader.length && isSecretPart(reader.at(at))) {
      if (start < 0) start = at;
      continue;
    }
    if (start >= 0) {
      const length = at - start;
      if (length >= LEAST_CHARS && length <= MAX_CHARS && looksRandom(reader.slice(start, at))) found.push({ start, end: at, kind: 'high-entropy' });
      start = -1;
    }
  }
  return found;
};

/** Paths and names in several words have slashes, dashes and words; a secret mixes cases and digits all over. */
function looksRandom(word: string): boolean {
  if (!/[0-9]/.test(word) || !/[a-z]/.test(word) || !/[A-Z]/.test(word)) return false;
  let changes = 0;
  for (let index = 1; index < word.length; index += 1) if (classOf(word.charCodeAt(index)) !== classOf(word.charCodeAt(index - 1))) changes += 1;
  return changes >= word.length / 3 && bitsPerLetter(word) >= LEAST_BITS;
}

const classOf = (code: number): number => (isDigit(code) ? 0 : code >= 97 ? 1 : code >= 65 && code <= 90 ? 2 : 3);

function bitsPerLetter(word: string): number {
  const counts = new Map<string, number>();
  for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

/** The secret half of an AWS key: 40 letters of base64 near a word that says so. */
export const findAwsSecrets: Detector = (reader) => {
  const found: Finding[] = [];
  let start = -1;
  for (let at = 0; at <= reader.length; at += 1) {
    const code = at < reader.length ? reader.at(at) : Number.NaN;
    if (isLetter(code) || isDigit(code) || code === 43 || code === 47) {
      if (start < 0) start = at;
      continue;
    }
    if (start >= 0 && at - start === 40) {
      const near = reader.slice(Math.max(0, start - 60), start).toLowerCase();
      if (/secret|aws|access.?key/.test(near) && bitsPerLetter(reader.slice(start, at)) >= LEAST_BITS) found.push({ start, end: at, kind: 'aws-secret-key' });
    }
    start = -1;
  }
  return found;
};
