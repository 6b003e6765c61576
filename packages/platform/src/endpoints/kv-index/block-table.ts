import { grownPairs, placeOf, shift } from './sorted-pairs.ts';

const PARTS = 65_536;
const TWO_32 = 0x1_0000_0000;
const NOTHING = new Uint32Array(0);

/**
 * Block hash (48 bits) → number of a set of holders, 8 bytes and a little per block. Of a hash the upper 16 bits choose one of many
 * small tables and the lower 32 are kept there, so each table grows alone: no pause, and no second copy of everything.
 */
export class BlockTable {
  readonly #parts: Uint32Array[] = new Array<Uint32Array>(PARTS).fill(NOTHING);
  readonly #counts = new Uint32Array(PARTS);
  #size = 0;
  #bytes = PARTS * 12;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the set of this block, 0 where it is not known. */
  get(hash: number): number {
    const part = Math.floor(hash / TWO_32);
    const pairs = this.#parts[part] ?? NOTHING;
    const count = this.#counts[part] ?? 0;
    const fingerprint = hash >>> 0;
    const place = placeOf(pairs, count, fingerprint);
    return place < count && pairs[place * 2] === fingerprint ? (pairs[place * 2 + 1] ?? 0) : 0;
  }

  /** Keeps a set for a block; set 0 forgets the block. */
  put(hash: number, set: number): void {
    const part = Math.floor(hash / TWO_32);
    let pairs = this.#parts[part] ?? NOTHING;
    const count = this.#counts[part] ?? 0;
    const fingerprint = hash >>> 0;
    const place = placeOf(pairs, count, fingerprint);
    const known = place < count && pairs[place * 2] === fingerprint;
    if (set === 0) {
      if (!known) return;
      shift(pairs, { start: place * 2 + 2, end: count * 2 }, -2);
      this.#count(part, -1);
      return;
    }
    if (!known) {
      if (pairs.length === count * 2) pairs = this.#grow(part, pairs);
      shift(pairs, { start: place * 2, end: count * 2 }, 2);
      pairs[place * 2] = fingerprint;
      this.#count(part, 1);
    }
    pairs[place * 2 + 1] = set;
  }

  /** The smallest hash above `after` with these upper 40 bits, -1 where there is none; there is nearly always one in all. */
  withUpperBits(upper: number, after = -1): number {
    const part = Math.floor(upper / 0x100_0000);
    const pairs = this.#parts[part] ?? NOTHING;
    const count = this.#counts[part] ?? 0;
    const first = upper * 256;
    const place = placeOf(pairs, count, (after < first ? first : after + 1) >>> 0);
    if (place === count) return -1;
    const hash = part * TWO_32 + (pairs[place * 2] ?? 0);
    return hash < first + 256 && hash > after ? hash : -1;
  }

  #count(part: number, by: number): void {
    this.#counts[part] = (this.#counts[part] ?? 0) + by;
    this.#size += by;
  }

  #grow(part: number, old: Uint32Array): Uint32Array {
    const pairs = new Uint32Array(2 * grownPairs(old.length / 2));
    pairs.set(old);
    this.#parts[part] = pairs;
    this.#bytes += pairs.byteLength - old.byteLength;
    return pairs;
  }
}
