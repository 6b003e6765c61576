import { isWord } from './characters.ts';
import type { Finding, Reader } from './finding.ts';

interface Node {
  readonly next: Map<number, Node>;
  fallback: Node | undefined;
  /** Index of the phrase that ends here, and of shorter ones through `more`. */
  phrase: number | undefined;
  more: Node | undefined;
}

const node = (): Node => ({ next: new Map(), fallback: undefined, phrase: undefined, more: undefined });

/** One place of one phrase. */
export interface PhraseHit {
  readonly phrase: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds many phrases in one pass (Aho and Corasick, 1975). Case, breaks, the number of spaces and invisible characters make no difference.
 * Phrases that begin or end with a Latin letter or a digit must begin or end a word there.
 */
export function createPhraseFinder(phrases: readonly string[]): (reader: Reader) => readonly PhraseHit[] {
  const folded = phrases.map((phrase) => fold(phrase));
  const root = buildTrie(folded);
  const lengths = folded.map((codes) => codes.length);
  const bounds = folded.map((codes) => ({ before: isWord(codes[0] ?? 0), after: isWord(codes.at(-1) ?? 0) }));
  const longest = Math.max(1, ...lengths);

  return (reader) => {
    const hits: PhraseHit[] = [];
    // Where the last letters stand in the text: invisible ones and doubled spaces are not counted.
    const places = new Array<number>(longest).fill(0);
    let count = 0;
    let state = root;
    let space = true;
    for (let at = 0; at < reader.length; at += 1) {
      const code = foldCode(reader.at(at));
      if (code === 0 || (code === 32 && space)) continue;
      space = code === 32;
      places[count % longest] = at;
      count += 1;
      while (state !== root && !state.next.has(code)) state = state.fallback ?? root;
      state = state.next.get(code) ?? root;
      for (let end: Node | undefined = state.phrase === undefined ? state.more : state; end !== undefined; end = end.more) {
        const phrase = end.phrase ?? 0;
        const start = places[(count - (lengths[phrase] ?? 1)) % longest] ?? 0;
        const bound = bounds[phrase];
        if (bound?.before === true && isWord(reader.at(start - 1))) continue;
        if (bound?.after === true && isWord(reader.at(at + 1))) continue;
        hits.push({ phrase, start, end: at + 1 });
      }
    }
    return hits;
  };
}

/** Findings of one kind. */
export const phrasesAs =
  (finder: (reader: Reader) => readonly PhraseHit[], kind: string) =>
  (reader: Reader): readonly Finding[] =>
    finder(reader).map(({ start, end }) => ({ start, end, kind }));

function buildTrie(phrases: readonly (readonly number[])[]): Node {
  const root = node();
  for (const [index, codes] of phrases.entries()) {
    let at = root;
    for (const code of codes) {
      const next = at.next.get(code) ?? node();
      at.next.set(code, next);
      at = next;
    }
    at.phrase ??= index;
  }
  const queue: Node[] = [...root.next.values()];
  for (const child of queue) child.fallback = root;
  for (let head = 0; head < queue.length; head += 1) {
    const parent = queue[head];
    if (parent === undefined) break;
    for (const [code, child] of parent.next) {
      let fallback = parent.fallback;
      while (fallback !== undefined && !fallback.next.has(code)) fallback = fallback.fallback;
      child.fallback = fallback?.next.get(code) ?? root;
      child.more = child.fallback.phrase === undefined ? child.fallback.more : child.fallback;
      queue.push(child);
    }
  }
  return root;
}

function fold(phrase: string): number[] {
  const codes: number[] = [];
  for (let at = 0; at < phrase.length; at += 1) {
    const code = foldCode(phrase.charCodeAt(at));
    if (code !== 0 && !(code === 32 && (codes.length === 0 || codes.at(-1) === 32))) codes.push(code);
  }
  while (codes.at(-1) === 32) codes.pop();
  return codes;
}

/** Lower case; every space is one space; 0 for what is not seen. */
function foldCode(code: number): number {
  if (code >= 65 && code <= 90) return code + 32;
  if (code <= 32 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a)) return 32;
  if (code === 0xad || (code >= 0x200b && code <= 0x200f) || code === 0x2060 || code === 0xfeff) return 0;
  if (code < 128) return code;
  // Full-width letters are read as plain ones.
  if (code >= 0xff21 && code <= 0xff3a) return code - 0xff21 + 97;
  if (code >= 0xff41 && code <= 0xff5a) return code - 0xff41 + 97;
  const lower = String.fromCharCode(code).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : code;
}
