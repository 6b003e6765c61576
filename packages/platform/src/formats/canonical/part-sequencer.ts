import type { CanonicalEvent } from './event.ts';

/**
 * Puts the parts of a stream one after the other, for formats in which they may not overlap: one part passes, those that began later wait
 * for its end. Events that belong to no part pass at once, but `finish`, `end` and `error` never overtake a part.
 */
export class PartSequencer {
  #current: number | undefined;
  #waiting = new Map<number, CanonicalEvent[]>();

  /** The events that may be written now, in order. */
  push(event: CanonicalEvent): readonly CanonicalEvent[] {
    if (!('index' in event)) return event.type === 'finish' || event.type === 'end' || event.type === 'error' ? [...this.#flush(), event] : [event];
    this.#current ??= event.index;
    if (event.index !== this.#current) {
      const waiting = this.#waiting.get(event.index);
      if (waiting === undefined) this.#waiting.set(event.index, [event]);
      else waiting.push(event);
      return [];
    }
    if (event.type !== 'part-end') return [event];
    this.#current = undefined;
    return [event, ...this.#next()];
  }

  /** Parts that have ended while they waited pass whole; the first that has not becomes the current one. */
  #next(): readonly CanonicalEvent[] {
    const out: CanonicalEvent[] = [];
    for (const [index, events] of this.#waiting) {
      this.#waiting.delete(index);
      for (const event of events) out.push(event);
      if (events.at(-1)?.type !== 'part-end') {
        this.#current = index;
        return out;
      }
    }
    return out;
  }

  #flush(): readonly CanonicalEvent[] {
    const out: CanonicalEvent[] = [];
    if (this.#current !== undefined) out.push({ type: 'part-end', index: this.#current });
    this.#current = undefined;
    for (const [index, events] of this.#waiting) {
      for (const event of events) out.push(event);
      if (events.at(-1)?.type !== 'part-end') out.push({ type: 'part-end', index });
    }
    this.#waiting = new Map();
    return out;
  }
}
