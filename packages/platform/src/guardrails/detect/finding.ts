/** A place in a text that a detector has found. */
export interface Finding {
  readonly start: number;
  /** First character after it. */
  readonly end: number;
  /** What it is, for example `email`. */
  readonly kind: string;
}

/**
 * Looks through a text once. Must be linear: every character is read a bounded number of times, whatever stands in the text; the
 * test of steps counts it.
 */
export type Detector = (text: Reader) => readonly Finding[];

/** A text that counts how often its characters are read. */
export class Reader {
  readonly text: string;
  readonly length: number;
  /** Characters read so far, by `at` and by `slice`. */
  steps = 0;

  constructor(text: string) {
    this.text = text;
    this.length = text.length;
  }

  /** Code of a character; NaN outside of the text. */
  at(index: number): number {
    this.steps += 1;
    return this.text.charCodeAt(index);
  }

  slice(start: number, end: number): string {
    this.steps += Math.max(0, end - start);
    return this.text.slice(start, end);
  }
}

export const createReader = (text: string): Reader => new Reader(text);
