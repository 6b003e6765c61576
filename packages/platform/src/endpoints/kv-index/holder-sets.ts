const FIRST_SETS = 64;

/**
 * Sets of holders (small numbers), each kept once and known by a number; blocks of one chain mostly share a set, so 100 million
 * blocks need few of them. Set 0 is the empty one. A set lives while something refers to it.
 */
export class HolderSets {
  #words = 1;
  #bits: Uint32Array = new Uint32Array(FIRST_SETS);
  #references: Uint32Array = new Uint32Array(FIRST_SETS);
  /** Set number, 0 where empty; open addressing with linear probing. */
  #table: Uint32Array = new Uint32Array(FIRST_SETS * 2);
  #scratch: Uint32Array = new Uint32Array(1);
  #end = 1;
  #live = 0;
  #free: number[] = [];

  /** Words of 32 holders that each set has. */
  get words(): number {
    return this.#words;
  }

  get size(): number {
    return this.#live;
  }

  get bytes(): number {
    return this.#bits.byteLength + this.#references.byteLength + this.#table.byteLength + this.#free.length * 8;
  }

  /** Makes room for holders up to this number. */
  admit(holder: number): void {
    const words = (holder >>> 5) + 1;
    if (words <= this.#words) return;
    const bits = new Uint32Array(this.#references.length * words);
    for (let set = 1; set < this.#end; set += 1) bits.set(this.#bits.subarray(set * this.#words, (set + 1) * this.#words), set * words);
    this.#bits = bits;
    this.#words = words;
    this.#scratch = new Uint32Array(words);
    this.#rebuild(this.#table.length);
  }

  has(set: number, holder: number): boolean {
    return ((this.word(set, holder >>> 5) >>> (holder & 31)) & 1) === 1;
  }

  word(set: number, index: number): number {
    return this.#bits[set * this.#words + index] ?? 0;
  }

  /** The set with this holder, in place of `set`: one reference moves from the old one to the new one. */
  plus(set: number, holder: number): number {
    this.#load(set);
    this.#scratch[holder >>> 5] = (this.#scratch[holder >>> 5] ?? 0) | (1 << (holder & 31));
    return this.#exchange(set);
  }

  /** The set without this holder, in place of `set`. */
  minus(set: number, holder: number): number {
    this.#load(set);
    this.#scratch[holder >>> 5] = (this.#scratch[holder >>> 5] ?? 0) & ~(1 << (holder & 31));
    return this.#exchange(set);
  }

  #load(set: number): void {
    for (let index = 0; index < this.#words; index += 1) this.#scratch[index] = this.word(set, index);
  }

  #exchange(old: number): number {
    const set = this.#intern();
    if (set !== 0) this.#references[set] = (this.#references[set] ?? 0) + 1;
    if (old !== 0) this.#release(old);
    return set;
  }

  /** The number of the set in `#scratch`. */
  #intern(): number {
    let some = 0;
    for (let index = 0; index < this.#words; index += 1) some |= this.#scratch[index] ?? 0;
    if (some === 0) return 0;
    const mask = this.#table.length - 1;
    let slot = this.#hashOf(this.#scratch, 0) & mask;
    for (;;) {
      const set = this.#table[slot] ?? 0;
      if (set === 0) break;
      if (this.#isScratch(set)) return set;
      slot = (slot + 1) & mask;
    }
    const made = this.#free.pop() ?? this.#append();
    this.#bits.set(this.#scratch, made * this.#words);
    this.#references[made] = 0;
    this.#live += 1;
    if (this.#live * 2 > this.#table.length) this.#rebuild(this.#table.length * 2, made);
    else this.#table[slot] = made;
    return made;
  }

  #append(): number {
    if (this.#end === this.#references.length) {
      const sets = this.#references.length * 2;
      this.#references = enlarged(this.#references, sets);
      this.#bits = enlarged(this.#bits, sets * this.#words);
    }
    this.#end += 1;
    return this.#end - 1;
  }

  #release(set: number): void {
    const references = (this.#references[set] ?? 0) - 1;
    this.#references[set] = references;
    if (references > 0) return;
    this.#erase(set);
    this.#live -= 1;
    this.#free.push(set);
  }

  #isScratch(set: number): boolean {
    for (let index = 0; index < this.#words; index += 1) if (this.word(set, index) !== this.#scratch[index]) return false;
    return true;
  }

  #hashOf(words: Uint32Array, start: number): number {
    let hash = 0x9e3779b9;
    for (let index = 0; index < this.#words; index += 1) {
      hash = Math.imul(hash ^ (words[start + index] ?? 0), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #erase(set: number): void {
    const mask = this.#table.length - 1;
    let gap = this.#hashOf(this.#bits, set * this.#words) & mask;
    while (this.#table[gap] !== set) gap = (gap + 1) & mask;
    this.#table[gap] = 0;
    for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
      const other = this.#table[slot] ?? 0;
      if (other === 0) return;
      const home = this.#hashOf(this.#bits, other * this.#words) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.#table[gap] = other;
      this.#table[slot] = 0;
      gap = slot;
    }
  }

  /** `added` has no reference yet and belongs in all the same. */
  #rebuild(slots: number, added = 0): void {
    this.#table = new Uint32Array(slots);
    const mask = slots - 1;
    for (let set = 1; set < this.#end; set += 1) {
      if (this.#references[set] === 0 && set !== added) continue;
      let slot = this.#hashOf(this.#bits, set * this.#words) & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = set;
    }
  }
}

function enlarged(source: Uint32Array, length: number): Uint32Array {
  const target = new Uint32Array(length);
  target.set(source);
  return target;
}
