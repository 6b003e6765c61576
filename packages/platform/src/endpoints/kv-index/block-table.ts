import { grownSlots, homeOf, isFull } from './probing.ts';

const PARTS = 65_536;
const TWO_32 = 0x1_0000_0000;

/**
 * Block hash (48 bits) → number of a set of holders, 8 bytes and a little per block. Of a hash the upper 16 bits choose one of many
 * small tables and the lower 32 are kept there, so each table grows alone: no pause, and no second copy of everything.
 */
export class BlockTable {
  readonly #parts: (Uint32Array | undefined)[] = new Array<Uint32Array | undefined>(PARTS).fill(undefined);
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
    const table = this.#parts[Math.floor(hash / TWO_32)];
    return table === undefined ? 0 : (table[slotOf(table, hash >>> 0) + 1] ?? 0);
  }

  /** Keeps a set for a block; set 0 forgets the block. */
  put(hash: number, set: number): void {
    const part = Math.floor(hash / TWO_32);
    const fingerprint = hash >>> 0;
    let table = this.#parts[part];
    if (set === 0) {
      if (table !== undefined && erase(table, fingerprint)) this.#count(part, -1);
      return;
    }
    const slot = table === undefined ? -1 : slotOf(table, fingerprint);
    if (table !== undefined && table[slot + 1] !== 0) {
      table[slot + 1] = set;
      return;
    }
    if (table === undefined || isFull(this.#counts[part] ?? 0, table.length / 2)) table = this.#grow(part, table);
    const free = slotOf(table, fingerprint);
    table[free] = fingerprint;
    table[free + 1] = set;
    this.#count(part, 1);
  }

  /** Whole hashes with these upper 40 bits, of which there is nearly always one. */
  *withUpperBits(upper: number): Generator<number> {
    const part = Math.floor(upper / 0x100_0000);
    const table = this.#parts[part];
    if (table === undefined) return;
    const low = (upper % 0x100_0000) * 256;
    const slots = table.length / 2;
    const first = homeOf(low, slots);
    // What has the same upper bits may want the next slot over, behind an empty one.
    const homes = homeOf(low + 255, slots) - first;
    for (let slot = first, seen = 0; seen < slots; slot = slot + 1 === slots ? 0 : slot + 1, seen += 1) {
      if (table[slot * 2 + 1] === 0) {
        if (seen >= homes) return;
        continue;
      }
      const fingerprint = table[slot * 2] ?? 0;
      if (fingerprint - low >= 0 && fingerprint - low < 256) yield part * TWO_32 + fingerprint;
    }
  }

  #count(part: number, by: number): void {
    this.#counts[part] = (this.#counts[part] ?? 0) + by;
    this.#size += by;
  }

  #grow(part: number, old: Uint32Array | undefined): Uint32Array {
    const table = new Uint32Array(2 * grownSlots((old?.length ?? 0) / 2));
    for (let slot = 0; old !== undefined && slot < old.length; slot += 2) {
      if (old[slot + 1] === 0) continue;
      const place = slotOf(table, old[slot] ?? 0);
      table[place] = old[slot] ?? 0;
      table[place + 1] = old[slot + 1] ?? 0;
    }
    this.#parts[part] = table;
    this.#bytes += table.byteLength - (old?.byteLength ?? 0);
    return table;
  }
}

/** Place of a fingerprint in the pairs of a table, or of the free slot where it would go. */
function slotOf(table: Uint32Array, fingerprint: number): number {
  const end = table.length;
  let slot = 2 * homeOf(fingerprint, end / 2);
  while (table[slot + 1] !== 0 && table[slot] !== fingerprint) slot = slot + 2 === end ? 0 : slot + 2;
  return slot;
}

/** Empties the slot and closes the gap, so that no probe chain is cut. */
function erase(table: Uint32Array, fingerprint: number): boolean {
  const slots = table.length / 2;
  let gap = slotOf(table, fingerprint) / 2;
  if (table[gap * 2 + 1] === 0) return false;
  for (let slot = gap + 1 === slots ? 0 : gap + 1; table[slot * 2 + 1] !== 0; slot = slot + 1 === slots ? 0 : slot + 1) {
    const home = homeOf(table[slot * 2] ?? 0, slots);
    if ((slot - home + slots) % slots < (slot - gap + slots) % slots) continue;
    table[gap * 2] = table[slot * 2] ?? 0;
    table[gap * 2 + 1] = table[slot * 2 + 1] ?? 0;
    gap = slot;
  }
  table[gap * 2 + 1] = 0;
  return true;
}
