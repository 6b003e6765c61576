/** What a continuation may say again of the text that was shown before it. */
export interface SpliceOptions {
  /** The beginning that the engine was given, where it repeats it; else empty. */
  readonly echo: string;
  /** White space at the end of the text that the engine was not given. */
  readonly space: string;
}

/** Takes out of a continuation what the client has seen already. */
export class TextSplice {
  #echo: string;
  #space: string;
  #held = '';

  constructor({ echo, space }: SpliceOptions) {
    this.#echo = echo;
    this.#space = space;
  }

  /** What is new of the next piece; empty while that is not known. What is held back in the end was a repetition. */
  push(piece: string): string {
    if (this.#echo === '' && this.#space === '') return piece;
    this.#held += piece;
    if (this.#echo !== '') {
      if (this.#held.length < this.#echo.length && this.#echo.startsWith(this.#held)) return '';
      if (this.#held.startsWith(this.#echo)) this.#held = this.#held.slice(this.#echo.length);
      this.#echo = '';
    }
    let same = 0;
    while (same < this.#space.length && this.#held[same] === this.#space[same]) same += 1;
    if (same === this.#held.length && same < this.#space.length) return '';
    const rest = this.#held.slice(same);
    this.#held = '';
    this.#space = '';
    return rest;
  }
}
