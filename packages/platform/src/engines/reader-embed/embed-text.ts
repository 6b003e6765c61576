/** Length of the vectors where the caller does not choose one. */
export const DEFAULT_DIMENSIONS = 512;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const GRAM_LENGTHS = [3, 4, 5];
/** How much the character n-grams of a word count beside the word itself. */
const GRAM_WEIGHT = 1;
/** Words that say nothing about a subject would make all texts alike. */
const STOP_WORDS = new Set(
  'a an and are as at be been but by can could did do does for from had has have how i if in into is it its of on or s such t that the their then there these they this those to was we were what when where which while who why will with would you'.split(
    ' ',
  ),
);

/**
 * A text as a vector of length one, by feature hashing (Weinberger et al., 2009): words and the character n-grams of words, and for
 * Korean, Chinese and Japanese single characters and bigrams, each added with a sign at a place that its hash names. Nothing is learnt:
 * texts are near each other when they share words or parts of words, not when they mean the same.
 */
export function embedText(text: string, dimensions = DEFAULT_DIMENSIONS): Float32Array {
  const vector = new Float32Array(dimensions);
  const counts = new Map<string, number>();
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) if (!STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts) {
    // Repetitions count less and less, as in BM25 and in sublinear TF.
    const weight = 1 + Math.log(count);
    if (CJK.test(word)) addCjk(vector, word, weight);
    else addWord(vector, word, weight);
  }
  return normalize(vector);
}

function addWord(vector: Float32Array, word: string, weight: number): void {
  add(vector, `w${word}`, weight);
  const padded = `<${word}>`;
  const grams = GRAM_LENGTHS.flatMap((length) => gramsOf(padded, length));
  // Long words have many n-grams; the root keeps them from drowning the short ones.
  for (const gram of grams) add(vector, gram, (weight * GRAM_WEIGHT) / Math.sqrt(grams.length));
}

function addCjk(vector: Float32Array, word: string, weight: number): void {
  const characters = [...word];
  if (characters.length === 1) add(vector, `c${word}`, weight);
  for (let index = 0; index < characters.length; index += 1) {
    add(vector, `c${characters[index]}`, weight * 0.3);
    if (index + 1 < characters.length) add(vector, `${characters[index]}${characters[index + 1]}`, weight);
  }
}

function gramsOf(text: string, length: number): string[] {
  const grams: string[] = [];
  for (let from = 0; from + length <= text.length; from += 1) grams.push(text.slice(from, from + length));
  return grams;
}

function add(vector: Float32Array, feature: string, weight: number): void {
  const hash = fnv1a(feature);
  const place = (hash >>> 1) % vector.length;
  vector[place] = (vector[place] ?? 0) + ((hash & 1) === 0 ? weight : -weight);
}

/** FNV-1a over UTF-16 units, with a last mix so that its lowest bits are as good as its highest. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (sum > 0) for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] ?? 0) / Math.sqrt(sum);
  return vector;
}
