const FIRST_ENTRIES = 512;

/**
 * A set of block hashes (non-negative integers below 2^53) that keeps the `capacity` most recently touched ones.
 * Typed arrays throughout: about 24 bytes per block, and a touch costs some 20 ns.
 */
export class BlockLru {
  readonly capacity: number;
  #keys: Float64Array;
  #next: Int32Array;
  #previous: Int32Array;
  /** Entry number plus one, 0 where empty; open addressing with linear probing. */
  #table: Int32Array;
  #mask: number;
  #size = 0;
  #newest = -1;
  #oldest = -1;

  constructor(capacity: number) {
    this.capacity = Math.max(1, Math.floor(capacity));
    const entries = Math.min(FIRST_ENTRIES, this.capacity);
    this.#keys = new Float64Array(entries);
    this.#next = new Int32Array(entries);
    this.#previous = new Int32Array(entries);
    this.#table = new Int32Array(tableSize(entries));
    this.#mask = this.#table.length - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of the arrays. */
  get bytes(): number {
    return this.#keys.byteLength + this.#next.byteLength + this.#previous.byteLength + this.#table.byteLength;
  }

  has(key: number): boolean {
    return this.#table[this.#slotOf(key)] !== 0;
  }

  /** Makes the key the most recent one, adding it where it is missing; the least recent one makes room. */
  touch(key: number): void {
    const slot = this.#slotOf(key);
    const known = (this.#table[slot] ?? 0) - 1;
    if (known >= 0) {
      if (known === this.#newest) return;
      this.#unlink(known);
      this.#linkFirst(known);
      return;
    }
    if (this.#size === this.capacity) {
      const entry = this.#oldest;
      this.#unlink(entry);
      this.#erase(this.#keys[entry] ?? 0);
      this.#place(entry, key, this.#slotOf(key));
      return;
    }
    if (this.#size === this.#keys.length) {
      this.#enlarge();
      this.#place(this.#size, key, this.#slotOf(key));
    } else {
      this.#place(this.#size, key, slot);
    }
    this.#size += 1;
  }

  /** Up to so many keys, the most recent one first. */
  newest(count: number): Float64Array {
    const keys = new Float64Array(Math.min(count, this.#size));
    for (let entry = this.#newest, place = 0; place < keys.length; entry = this.#next[entry] ?? -1, place += 1) keys[place] = this.#keys[entry] ?? 0;
    return keys;
  }

  clear(): void {
    this.#table.fill(0);
    this.#size = 0;
    this.#newest = -1;
    this.#oldest = -1;
  }

  #place(entry: number, key: number, slot: number): void {
    this.#keys[entry] = key;
    this.#table[slot] = entry + 1;
    this.#linkFirst(entry);
  }

  #linkFirst(entry: number): void {
    this.#previous[entry] = -1;
    this.#next[entry] = this.#newest;
    if (this.#newest >= 0) this.#previous[this.#newest] = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }

  #unlink(entry: number): void {
    const previous = this.#previous[entry] ?? -1;
    const next = this.#next[entry] ?? -1;
    if (previous >= 0) this.#next[previous] = next;
    else this.#newest = next;
    if (next >= 0) this.#previous[next] = previous;
    else this.#oldest = previous;
  }

  /** The slot of the key, or the empty slot where it would go. */
  #slotOf(key: number): number {
    let slot = mix(key) & this.#mask;
    for (;;) {
      const entry = (this.#table[slot] ?? 0) - 1;
      if (entry < 0 || this.#keys[entry] === key) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Empties the slot of a key and closes the gap, so that no probe chain is cut. */
  #erase(key: number): void {
    let gap = this.#slotOf(key);
    this.#table[gap] = 0;
    for (let slot = (gap + 1) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = (this.#table[slot] ?? 0) - 1;
      if (entry < 0) return;
      const home = mix(this.#keys[entry] ?? 0) & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      this.#table[gap] = entry + 1;
      this.#table[slot] = 0;
      gap = slot;
    }
  }

  #enlarge(): void {
    const entries = Math.min(this.capacity, this.#keys.length * 2);
    this.#keys = copyInto(new Float64Array(entries), this.#keys);
    this.#next = copyInto(new Int32Array(entries), this.#next);
    this.#previous = copyInto(new Int32Array(entries), this.#previous);
    this.#table = new Int32Array(tableSize(entries));
    this.#mask = this.#table.length - 1;
    for (let entry = 0; entry < this.#size; entry += 1) this.#table[this.#slotOf(this.#keys[entry] ?? 0)] = entry + 1;
  }
}

const mix = (key: number): number => (Math.imul(key >>> 0, 0x9e3779b1) ^ Math.imul((key / 0x1_0000_0000) >>> 0, 0x85ebca6b)) >>> 0;

/** A power of two with at least two slots per entry. */
const tableSize = (entries: number): number => 2 ** Math.ceil(Math.log2(entries * 2 + 2));

function copyInto<A extends Float64Array | Int32Array>(target: A, source: A): A {
  target.set(source);
  return target;
}
