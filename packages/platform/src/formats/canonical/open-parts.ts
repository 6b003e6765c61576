import type { CanonicalEvent, PartHead } from './event.ts';
import type { Seal } from './part.ts';

type Flowing = 'text' | 'reasoning' | 'refusal';
const DELTA = { text: 'text-delta', reasoning: 'reasoning-delta', refusal: 'refusal-delta' } as const;

/**
 * Keeps the parts of a stream whose format sends deltas without saying where a part begins or ends. One text, reasoning or refusal is open
 * at a time; tool calls stay open beside each other.
 */
export class OpenParts {
  readonly #open = new Set<number>();
  #next = 0;
  #flowing: { readonly kind: Flowing; readonly index: number; sealed: boolean } | undefined;

  /** Opens a part of any kind; what was flowing ends. */
  start(part: PartHead): { readonly index: number; readonly events: readonly CanonicalEvent[] } {
    const events = this.endFlowing();
    const index = this.#next;
    this.#next += 1;
    this.#open.add(index);
    if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') this.#flowing = { kind: part.type, index, sealed: false };
    return { index, events: [...events, { type: 'part-start', index, part }] };
  }

  /** Adds to the text, reasoning or refusal that flows, or opens one. */
  add(kind: Flowing, text: string): readonly CanonicalEvent[] {
    const flowing = this.#flowing;
    if (flowing?.kind === kind && !flowing.sealed) return [{ type: DELTA[kind], index: flowing.index, text }];
    const { index, events } = this.start({ type: kind });
    return [...events, { type: DELTA[kind], index, text }];
  }

  /** Seals the reasoning that flows; where none does, an empty one is made for the seal. */
  seal(seal: Seal): readonly CanonicalEvent[] {
    const before = this.#flowing?.kind === 'reasoning' && !this.#flowing.sealed ? [] : this.start({ type: 'reasoning' }).events;
    const flowing = this.#flowing;
    if (flowing === undefined) return before;
    flowing.sealed = true;
    return [...before, { type: 'seal', index: flowing.index, seal }];
  }

  /** Index of the part that flows. */
  get flowing(): number | undefined {
    return this.#flowing?.index;
  }

  endFlowing(): readonly CanonicalEvent[] {
    return this.#flowing === undefined ? [] : this.end(this.#flowing.index);
  }

  /** Ends one part; nothing when it is not open. */
  end(index: number): readonly CanonicalEvent[] {
    if (!this.#open.delete(index)) return [];
    if (this.#flowing?.index === index) this.#flowing = undefined;
    return [{ type: 'part-end', index }];
  }

  endAll(): readonly CanonicalEvent[] {
    return [...this.#open].flatMap((index) => this.end(index));
  }
}
