import { BlockTable } from './block-table.ts';
import { HolderSets } from './holder-sets.ts';

/** Which holders have which blocks. A holder is one cache: a tier of a rank of an endpoint. */
export class KvIndex {
  readonly #blocks = new BlockTable();
  readonly #sets = new HolderSets();
  readonly #maxPairs: number;
  readonly #free: number[] = [];
  /** Holders that are gone, with the blocks that they still have to give back. */
  readonly #leaving: { readonly holders: readonly number[]; readonly references: Iterator<number> }[] = [];
  #holders = 0;
  #pairs = 0;
  #alive = new Uint32Array(1);

  constructor(options: { /** Blocks of all holders together; about 20 bytes each. */ readonly maxPairs: number }) {
    this.#maxPairs = options.maxPairs;
  }

  /** Blocks of all holders together. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Blocks that differ. */
  get blocks(): number {
    return this.#blocks.size;
  }

  get bytes(): number {
    return this.#blocks.bytes + this.#sets.bytes;
  }

  /** Numbers in use reach below this. */
  get holders(): number {
    return this.#holders;
  }

  /** A number for a new holder; numbers of those that are gone are given again. */
  addHolder(): number {
    const holder = this.#free.pop() ?? this.#holders;
    if (holder === this.#holders) this.#holders += 1;
    this.#sets.admit(holder);
    if (this.#alive.length < this.#sets.words) this.#alive = new Uint32Array(this.#sets.words);
    return holder;
  }

  /**
   * These holders are gone. Their blocks, given by upper bits, are let go little by little by {@link sweep}, because a million of them
   * at once would hold up requests; their numbers are free again when the last one is gone.
   */
  leave(holders: readonly number[], references: Iterable<number>): void {
    this.#leaving.push({ holders, references: references[Symbol.iterator]() });
  }

  /** Lets go of at most so many blocks of holders that have left; whether more wait. */
  sweep(blocks: number): boolean {
    if (this.#leaving.length === 0) return false;
    for (let left = blocks; left > 0; left -= 1) {
      const leaver = this.#leaving[0];
      if (leaver === undefined) return false;
      const next = leaver.references.next();
      if (next.done === true) {
        this.#leaving.shift();
        this.#free.push(...leaver.holders);
        continue;
      }
      for (let hash = this.withUpperBits(next.value); hash >= 0; hash = this.withUpperBits(next.value, hash))
        for (const holder of leaver.holders) this.remove(holder, hash);
    }
    return this.#leaving.length > 0;
  }

  has(holder: number, hash: number): boolean {
    const set = this.#blocks.get(hash);
    return set !== 0 && this.#sets.has(set, holder);
  }

  /** Whether the block was new to this holder; undefined when the index is full and it was not taken. */
  add(holder: number, hash: number): boolean | undefined {
    const set = this.#blocks.get(hash);
    if (set !== 0 && this.#sets.has(set, holder)) return false;
    if (this.#pairs >= this.#maxPairs) return undefined;
    this.#blocks.put(hash, this.#sets.plus(set, holder));
    this.#pairs += 1;
    return true;
  }

  /** Whether the holder had it. */
  remove(holder: number, hash: number): boolean {
    const set = this.#blocks.get(hash);
    if (set === 0 || !this.#sets.has(set, holder)) return false;
    this.#blocks.put(hash, this.#sets.minus(set, holder));
    this.#pairs -= 1;
    return true;
  }

  /** The smallest hash above `after` with these upper 40 bits, -1 where there is none; there is nearly always one in all. */
  withUpperBits(upper: number, after = -1): number {
    return this.#blocks.withUpperBits(upper, after);
  }

  /** Leading blocks that one holder has. */
  depthOf(holder: number, hashes: ArrayLike<number>): number {
    return this.depthOfAny([holder], hashes);
  }

  /** Leading blocks that at least one of these holders has. */
  depthOfAny(holders: readonly number[], hashes: ArrayLike<number>): number {
    for (let index = 0; index < hashes.length; index += 1) {
      const set = this.#blocks.get(hashes[index] ?? 0);
      if (set === 0 || !holders.some((holder) => this.#sets.has(set, holder))) return index;
    }
    return hashes.length;
  }

  /** Leading blocks of every holder, into `depths`; one look-up per block, and none after the last that somebody has. */
  depths(hashes: ArrayLike<number>, depths: Uint32Array): void {
    depths.fill(0);
    const { words } = this.#sets;
    let before = -1;
    for (let index = 0; index < hashes.length; index += 1) {
      const set = this.#blocks.get(hashes[index] ?? 0);
      if (set === before) continue;
      let left = 0;
      for (let word = 0; word < words; word += 1) {
        const alive = index === 0 ? this.#sets.word(set, word) : (this.#alive[word] ?? 0) & this.#sets.word(set, word);
        if (index > 0) write(depths, { bits: (this.#alive[word] ?? 0) & ~alive, word, depth: index });
        this.#alive[word] = alive;
        left |= alive;
      }
      if (left === 0) return;
      before = set;
    }
    if (hashes.length > 0) for (let word = 0; word < words; word += 1) write(depths, { bits: this.#alive[word] ?? 0, word, depth: hashes.length });
  }
}

function write(depths: Uint32Array, what: { readonly bits: number; readonly word: number; readonly depth: number }): void {
  for (let bits = what.bits; bits !== 0; bits &= bits - 1) depths[what.word * 32 + 31 - Math.clz32(bits & -bits)] = what.depth;
}
