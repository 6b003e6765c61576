import type { EngineKey } from './engine-key.ts';
import { grownSlots, homeOf, isFull } from './probing.ts';

const PARTS = 1024;

interface Part {
  /** Pairs of a fingerprint and the upper 32 bits of a reference; fingerprint 0 where empty. */
  readonly pairs: Uint32Array;
  /** The lower 8 bits of each reference. */
  readonly lows: Uint8Array;
}

/**
 * What one engine calls a block → the upper 40 bits of our own hash of it; 9 bytes and a little per block. Two names of one engine look
 * alike with a chance of about 2^-42.
 */
export class EngineBlocks {
  readonly #parts: (Part | undefined)[] = new Array<Part | undefined>(PARTS).fill(undefined);
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
  get(key: EngineKey): number {
    const part = this.#parts[key.part % PARTS];
    if (part === undefined) return -1;
    const slot = slotOf(part, key.fingerprint);
    return part.pairs[slot * 2] === 0 ? -1 : referenceAt(part, slot);
  }

  put(key: EngineKey, reference: number): void {
    const at = key.part % PARTS;
    let part = this.#parts[at];
    let slot = part === undefined ? -1 : slotOf(part, key.fingerprint);
    if (part === undefined || part.pairs[slot * 2] === 0) {
      if (part === undefined || isFull(this.#counts[at] ?? 0, part.lows.length)) part = this.#grow(at, part);
      slot = slotOf(part, key.fingerprint);
      this.#count(at, 1);
    }
    place(part, slot, { fingerprint: key.fingerprint, reference });
  }

  delete(key: EngineKey): void {
    const at = key.part % PARTS;
    const part = this.#parts[at];
    if (part !== undefined && erase(part, key.fingerprint)) this.#count(at, -1);
  }

  /** All references. */
  *references(): Generator<number> {
    for (const part of this.#parts) {
      if (part === undefined) continue;
      for (let slot = 0; slot < part.lows.length; slot += 1) if (part.pairs[slot * 2] !== 0) yield referenceAt(part, slot);
    }
  }

  clear(): void {
    this.#parts.fill(undefined);
    this.#counts.fill(0);
    this.#size = 0;
    this.#bytes = PARTS * 12;
  }

  #count(part: number, by: number): void {
    this.#counts[part] = (this.#counts[part] ?? 0) + by;
    this.#size += by;
  }

  #grow(at: number, old: Part | undefined): Part {
    const slots = grownSlots(old?.lows.length ?? 0);
    const part: Part = { pairs: new Uint32Array(2 * slots), lows: new Uint8Array(slots) };
    for (let slot = 0; old !== undefined && slot < old.lows.length; slot += 1) {
      const fingerprint = old.pairs[slot * 2] ?? 0;
      if (fingerprint !== 0) place(part, slotOf(part, fingerprint), { fingerprint, reference: referenceAt(old, slot) });
    }
    this.#parts[at] = part;
    this.#bytes += 9 * (slots - (old?.lows.length ?? 0));
    return part;
  }
}

const referenceAt = (part: Part, slot: number): number => (part.pairs[slot * 2 + 1] ?? 0) * 256 + (part.lows[slot] ?? 0);

function place(part: Part, slot: number, entry: { readonly fingerprint: number; readonly reference: number }): void {
  part.pairs[slot * 2] = entry.fingerprint;
  part.pairs[slot * 2 + 1] = Math.floor(entry.reference / 256);
  part.lows[slot] = entry.reference % 256;
}

function slotOf(part: Part, fingerprint: number): number {
  const { pairs, lows } = part;
  let slot = homeOf(fingerprint, lows.length);
  for (;;) {
    const found = pairs[slot * 2];
    if (found === 0 || found === fingerprint) return slot;
    slot = slot + 1 === lows.length ? 0 : slot + 1;
  }
}

/** Empties the slot and closes the gap, so that no probe chain is cut. */
function erase(part: Part, fingerprint: number): boolean {
  const { pairs, lows } = part;
  const slots = lows.length;
  let gap = slotOf(part, fingerprint);
  if (pairs[gap * 2] === 0) return false;
  for (let slot = gap + 1 === slots ? 0 : gap + 1; pairs[slot * 2] !== 0; slot = slot + 1 === slots ? 0 : slot + 1) {
    const home = homeOf(pairs[slot * 2] ?? 0, slots);
    if ((slot - home + slots) % slots < (slot - gap + slots) % slots) continue;
    pairs[gap * 2] = pairs[slot * 2] ?? 0;
    pairs[gap * 2 + 1] = pairs[slot * 2 + 1] ?? 0;
    lows[gap] = lows[slot] ?? 0;
    gap = slot;
  }
  pairs[gap * 2] = 0;
  return true;
}
