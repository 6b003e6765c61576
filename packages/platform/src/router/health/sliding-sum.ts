const BUCKETS = 12;

/** A sum over the last stretch of time, in twelve parts; takes no memory per entry. */
export class SlidingSum {
  readonly #partMs: number;
  readonly #sums = new Float64Array(BUCKETS);
  readonly #parts = new Float64Array(BUCKETS).fill(-1);

  constructor(windowMs: number) {
    this.#partMs = windowMs / BUCKETS;
  }

  add(amount: number, nowMs: number): void {
    const part = Math.floor(nowMs / this.#partMs);
    const at = part % BUCKETS;
    if (this.#parts[at] !== part) {
      this.#parts[at] = part;
      this.#sums[at] = 0;
    }
    this.#sums[at] = (this.#sums[at] ?? 0) + amount;
  }

  total(nowMs: number): number {
    const now = Math.floor(nowMs / this.#partMs);
    let total = 0;
    for (let at = 0; at < BUCKETS; at += 1) {
      const part = this.#parts[at] ?? -1;
      if (part >= 0 && part > now - BUCKETS) total += this.#sums[at] ?? 0;
    }
    return total;
  }
}
