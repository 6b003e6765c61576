import type { EngineKey } from './engine-key.ts';
import { grownPairs, placeOf, shift } from './sorted-pairs.ts';

const PARTS = 1024;

interface Part {
  /** Pairs of a fingerprint and the upper 32 bits of a reference. */
  readonly pairs: Uint32Array;
  /** The lower 8 bits of each reference. */
  readonly lows: Uint8Array;
}

const NOTHING: Part = { pairs: new Uint32Array(0), lows: new Uint8Array(0) };

/**
 * What one engine calls a block → the upper 40 bits of our own hash of it; 9 bytes and a little per block. Two names of one engine look
 * alike with a chance of about 2^-42.
 */
export class EngineBlocks {
  readonly #parts: Part[] = new Array<Part>(PARTS).fill(NOTHING);
  readonly #counts = new Uint32Array(PARTS);
  #size = 0;
  #bytes = PARTS * 12;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The reference, -1 where the name is not known. */
  get({ part: at, fingerprint }: EngineKey): number {
    const part = this.#parts[at % PARTS] ?? NOTHING;
    const count = this.#counts[at % PARTS] ?? 0;
    const place = placeOf(part.pairs, count, fingerprint);
    return place < count && part.pairs[place * 2] === fingerprint ? referenceAt(part, place) : -1;
  }

  put({ part: whole, fingerprint }: EngineKey, reference: number): void {
    const at = whole % PARTS;
    let part = this.#parts[at] ?? NOTHING;
    const count = this.#counts[at] ?? 0;
    const place = placeOf(part.pairs, count, fingerprint);
    if (place === count || part.pairs[place * 2] !== fingerprint) {
      if (part.lows.length === count) part = this.#grow(at, part);
      shift(part.pairs, { start: place * 2, end: count * 2 }, 2);
      shift(part.lows, { start: place, end: count }, 1);
      part.pairs[place * 2] = fingerprint;
      this.#count(at, 1);
    }
    part.pairs[place * 2 + 1] = Math.floor(reference / 256);
    part.lows[place] = reference % 256;
  }

  delete({ part: whole, fingerprint }: EngineKey): void {
    const at = whole % PARTS;
    const { pairs, lows } = this.#parts[at] ?? NOTHING;
    const count = this.#counts[at] ?? 0;
    const place = placeOf(pairs, count, fingerprint);
    if (place === count || pairs[place * 2] !== fingerprint) return;
    shift(pairs, { start: place * 2 + 2, end: count * 2 }, -2);
    shift(lows, { start: place + 1, end: count }, -1);
    this.#count(at, -1);
  }

  /** All references. */
  *references(): Generator<number> {
    for (const [at, part] of this.#parts.entries()) for (let place = 0; place < (this.#counts[at] ?? 0); place += 1) yield referenceAt(part, place);
  }

  #count(part: number, by: number): void {
    this.#counts[part] = (this.#counts[part] ?? 0) + by;
    this.#size += by;
  }

  #grow(at: number, old: Part): Part {
    const room = grownPairs(old.lows.length);
    const part: Part = { pairs: new Uint32Array(2 * room), lows: new Uint8Array(room) };
    part.pairs.set(old.pairs);
    part.lows.set(old.lows);
    this.#parts[at] = part;
    this.#bytes += 9 * (room - old.lows.length);
    return part;
  }
}

const referenceAt = (part: Part, place: number): number => (part.pairs[place * 2 + 1] ?? 0) * 256 + (part.lows[place] ?? 0);
