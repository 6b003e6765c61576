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
export interface Reader {
  readonly text: string;
  readonly length: number;
  /** Code of a character; NaN outside of the text. */
  at(index: number): number;
  /** Characters read so far, by `at` and by `slice`. */
  readonly steps: number;
  slice(start: number, end: number): string;
}

export function createReader(text: string): Reader {
  let steps = 0;
  return {
    text,
    length: text.length,
    at(index) {
      steps += 1;
      return text.charCodeAt(index);
    },
    slice(start, end) {
      steps += Math.max(0, end - start);
      return text.slice(start, end);
    },
    get steps() {
      return steps;
    },
  };
}
