import type { SpoolCursor } from './spool-cursor.ts';

/** Bytes on disk of the records whose values are held; what comes on top is read back from the disk. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

interface Held<Value> {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly value: Value;
}

/** A run of records that follow one another on disk. */
export interface HeldRun<Value> {
  readonly values: readonly Value[];
  /** Offset behind the last one. */
  readonly end: number;
}

/** The values of records that this process has appended itself, so that it need not read and parse them again. Bounded: it may forget any. */
export class HeldValues<Value> {
  #queue: Held<Value>[] = [];
  #from = 0;
  #bytes = 0;

  keep(held: Held<Value>): void {
    const bytes = held.end - held.start;
    if (this.#bytes + bytes > MAX_HELD_BYTES) return;
    this.#bytes += bytes;
    this.#queue.push(held);
  }

  /** The values from a place on, at most `max`; none where the next one is not held. */
  takeFrom(cursor: SpoolCursor, max: number): HeldRun<Value> | undefined {
    this.#forgetBefore(cursor);
    const values: Value[] = [];
    let end = cursor.offset;
    for (let index = this.#from; values.length < max; index += 1) {
      const held = this.#queue[index];
      if (held === undefined || held.segment !== cursor.segment || held.start !== end) break;
      values.push(held.value);
      end = held.end;
    }
    return values.length === 0 ? undefined : { values, end };
  }

  /** Where in a segment the next held value begins: reading from the disk may stop there. */
  nextStart(segment: number): number | undefined {
    const next = this.#queue[this.#from];
    return next?.segment === segment ? next.start : undefined;
  }

  #forgetBefore({ segment, offset }: SpoolCursor): void {
    for (;;) {
      const held = this.#queue[this.#from];
      if (held === undefined || held.segment > segment || (held.segment === segment && held.start >= offset)) break;
      this.#bytes -= held.end - held.start;
      this.#from += 1;
    }
    // Taking from the front one by one would move the whole queue each time.
    if (this.#from * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#from);
      this.#from = 0;
    }
  }
}
