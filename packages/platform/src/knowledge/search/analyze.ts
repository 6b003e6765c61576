import { stemmer } from 'stemmer';
import { STOP_WORDS } from './stop-words.ts';

const WORD = /[\p{L}\p{N}\p{M}]+(?:[._'][\p{L}\p{N}\p{M}]+)*/gu;
const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc]+/gu;
const MAX_WORD = 64;
const STEMS_KEPT = 20_000;
const stems = new Map<string, string>();

/**
 * Terms of a text or a question for keyword search, in order, with repetitions: English words without stop words, as Porter stems;
 * Korean, Chinese and Japanese as bigrams of characters, which need no dictionary; other words as they are.
 */
export function analyze(text: string): string[] {
  const terms: string[] = [];
  for (const [match] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (/^[a-z]+$/.test(match)) addEnglish(terms, match);
    else if (/[^\x20-\x7e]/.test(match)) addMixed(terms, match);
    else addCode(terms, match);
  }
  return terms;
}

function addEnglish(terms: string[], word: string): void {
  if (STOP_WORDS.has(word) || word.length > MAX_WORD) return;
  terms.push(stem(word));
}

/** `p5.48xlarge`, `max_model_len`, `don't`: whole, and by its parts. */
function addCode(terms: string[], word: string): void {
  if (word.length > MAX_WORD) return;
  const parts = word.split(/[._']/);
  if (parts.length > 1) terms.push(word);
  for (const part of parts) if (!STOP_WORDS.has(part) && (part.length > 1 || parts.length === 1)) terms.push(stem(part));
}

/** `vLLM을`, `GPU당`, `파드`: letters of other scripts as words, CJK in bigrams. */
function addMixed(terms: string[], word: string): void {
  let at = 0;
  for (const match of word.matchAll(CJK)) {
    if (match.index > at) terms.push(...analyzePlain(word.slice(at, match.index)));
    addBigrams(terms, match[0]);
    at = match.index + match[0].length;
  }
  if (at < word.length) terms.push(...analyzePlain(word.slice(at)));
}

function addBigrams(terms: string[], run: string): void {
  const characters = [...run];
  if (characters.length === 1) terms.push(run);
  for (let index = 0; index + 1 < characters.length; index += 1) terms.push(`${characters[index]}${characters[index + 1]}`);
}

function analyzePlain(word: string): string[] {
  const trimmed = word.replace(/^[._']+|[._']+$/g, '');
  if (trimmed === '' || trimmed.length > MAX_WORD || STOP_WORDS.has(trimmed)) return [];
  return [/^[a-z]+$/.test(trimmed) ? stem(trimmed) : trimmed];
}

function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  let found = stems.get(word);
  if (found === undefined) {
    found = stemmer(word);
    // A stem costs ten times a look-up; the memory of them must not grow without end.
    if (stems.size >= STEMS_KEPT) stems.clear();
    stems.set(word, found);
  }
  return found;
}
