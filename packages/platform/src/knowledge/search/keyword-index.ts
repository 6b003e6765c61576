import { analyze } from './analyze.ts';

/** Robertson and Walker, 1994: how fast repetitions saturate, and how much length counts. */
export interface Bm25Settings {
  readonly k1: number;
  readonly b: number;
}

/** Tuned on the odd questions of Cranfield, checked on the even ones: see bench/retrieval. */
const DEFAULT_BM25: Bm25Settings = Object.freeze({ k1: 2, b: 0.7 });

const FREQUENCY_BITS = 8;
const MAX_FREQUENCY = (1 << FREQUENCY_BITS) - 1;

/** An inverted index: per term a list of numbers, each a slot and a term frequency in one. */
export class KeywordIndex {
  readonly #settings: Bm25Settings;
  readonly #postings = new Map<string, number[]>();
  readonly #lengths: number[] = [];
  #dead: boolean[] = [];
  #live = 0;
  #totalLength = 0;

  constructor(settings: Bm25Settings = DEFAULT_BM25) {
    this.#settings = settings;
  }

  /** Adds a text at the next slot, which is returned. */
  add(text: string): number {
    const slot = this.#lengths.length;
    const terms = analyze(text);
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const posting = slot * (MAX_FREQUENCY + 1) + Math.min(count, MAX_FREQUENCY);
      const list = this.#postings.get(term);
      if (list === undefined) this.#postings.set(term, [posting]);
      else list.push(posting);
    }
    this.#lengths.push(terms.length);
    this.#live += 1;
    this.#totalLength += terms.length;
    return slot;
  }

  /** The slot gives no hit any more; its postings go when the index is built again. */
  remove(slot: number): void {
    if (this.#dead[slot] === true || slot >= this.#lengths.length) return;
    this.#dead[slot] = true;
    this.#live -= 1;
    this.#totalLength -= this.#lengths[slot] ?? 0;
  }

  get size(): number {
    return this.#live;
  }

  /** BM25 score per slot that holds a term of the query. */
  score(query: string): Map<number, number> {
    const scores = new Map<number, number>();
    const counts = new Map<string, number>();
    for (const term of analyze(query)) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) this.#addTerm(scores, term, count);
    return scores;
  }

  #addTerm(scores: Map<number, number>, term: string, weight: number): void {
    const { k1, b } = this.#settings;
    const list = (this.#postings.get(term) ?? []).filter((posting) => this.#dead[slotOf(posting)] !== true);
    if (list.length === 0) return;
    const idf = Math.log(1 + (this.#live - list.length + 0.5) / (list.length + 0.5));
    const meanLength = Math.max(1, this.#totalLength / this.#live);
    for (const posting of list) {
      const slot = slotOf(posting);
      const frequency = posting % (MAX_FREQUENCY + 1);
      const norm = k1 * (1 - b + (b * (this.#lengths[slot] ?? 0)) / meanLength);
      scores.set(slot, (scores.get(slot) ?? 0) + weight * idf * ((frequency * (k1 + 1)) / (frequency + norm)));
    }
  }
}

const slotOf = (posting: number): number => Math.floor(posting / (MAX_FREQUENCY + 1));
