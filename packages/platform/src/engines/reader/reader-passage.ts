/** A passage in front of the reader, and the name that an answer gives it. */
export interface ReaderPassage {
  readonly citation: string;
  readonly heading: string;
  readonly text: string;
}
