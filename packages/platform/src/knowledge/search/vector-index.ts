const BLOCK_ROWS = 256;

/** Vectors of one length in blocks of memory; a search compares with all of them, which is exact. */
export class VectorIndex {
  readonly #dimension: number;
  readonly #blocks: Float32Array[] = [];
  #rows = 0;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  get dimension(): number {
    return this.#dimension;
  }

  /** Adds a vector at the next slot; one of another length (of another model) is kept as zeros and never found. */
  add(vector: Float32Array): void {
    const row = this.#rows % BLOCK_ROWS;
    if (row === 0) this.#blocks.push(new Float32Array(BLOCK_ROWS * this.#dimension));
    if (vector.length === this.#dimension) this.#blocks.at(-1)?.set(normalize(vector), row * this.#dimension);
    this.#rows += 1;
  }

  /** The slot is never found any more. */
  remove(slot: number): void {
    const offset = (slot % BLOCK_ROWS) * this.#dimension;
    this.#blocks[Math.floor(slot / BLOCK_ROWS)]?.fill(0, offset, offset + this.#dimension);
  }

  /** Cosine with each slot; only those above zero. */
  score(query: Float32Array): Map<number, number> {
    const scores = new Map<number, number>();
    if (query.length !== this.#dimension) return scores;
    const unit = normalize(query);
    for (let slot = 0; slot < this.#rows; slot += 1) {
      const cosine = this.#dot(slot, unit);
      if (cosine > 0) scores.set(slot, cosine);
    }
    return scores;
  }

  /** A query moved towards slots that are likely right, each by its weight (Rocchio, 1971). */
  expand(query: Float32Array, likely: readonly (readonly [slot: number, weight: number])[]): Float32Array {
    const moved = Float32Array.from(normalize(query));
    if (query.length !== this.#dimension) return moved;
    for (const [slot, weight] of likely) {
      const block = this.#blocks[Math.floor(slot / BLOCK_ROWS)];
      const offset = (slot % BLOCK_ROWS) * this.#dimension;
      for (let index = 0; index < moved.length; index += 1) moved[index] = (moved[index] as number) + weight * (block?.[offset + index] ?? 0);
    }
    return moved;
  }

  #dot(slot: number, query: Float32Array): number {
    const block = this.#blocks[Math.floor(slot / BLOCK_ROWS)];
    if (block === undefined) return 0;
    const offset = (slot % BLOCK_ROWS) * this.#dimension;
    let sum = 0;
    for (let index = 0; index < query.length; index += 1) sum += (block[offset + index] as number) * (query[index] as number);
    return sum;
  }
}

function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return length === 0 || Math.abs(length - 1) < 1e-6 ? vector : vector.map((value) => value / length);
}
