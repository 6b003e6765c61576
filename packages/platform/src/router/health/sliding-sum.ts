const PARTS = 12;

/** A sum over the last stretch of time, in twelve parts; takes no memory per entry, and nothing is added up while a part lasts. */
export class SlidingSum {
  readonly #partMs: number;
  readonly #sums = new Float64Array(PARTS);
  /** The newest part, counted from the beginning of time. */
  #part = -1;
  #total = 0;

  constructor(windowMs: number) {
    this.#partMs = windowMs / PARTS;
  }

  add(amount: number, nowMs: number): void {
    this.#passTo(Math.floor(nowMs / this.#partMs));
    const at = this.#part % PARTS;
    this.#sums[at] = (this.#sums[at] ?? 0) + amount;
    this.#total += amount;
  }

  total(nowMs: number): number {
    this.#passTo(Math.floor(nowMs / this.#partMs));
    return this.#total;
  }

  #passTo(part: number): void {
    if (part <= this.#part) return;
    for (let gone = Math.max(this.#part + 1, part - PARTS + 1); gone <= part; gone += 1) this.#sums[gone % PARTS] = 0;
    this.#part = part;
    // Added up anew, so that no error of rounding outlives a part.
    this.#total = 0;
    for (const sum of this.#sums) this.#total += sum;
  }
}
