/** Blocks of the prompts that an endpoint works on; a block that several of them share is counted once. */
export class ActiveBlocks {
  readonly #counts = new Map<number, number>();

  /** Different blocks. */
  get size(): number {
    return this.#counts.size;
  }

  add(blocks: ArrayLike<number>): void {
    for (let index = 0; index < blocks.length; index += 1) {
      const block = blocks[index] ?? 0;
      this.#counts.set(block, (this.#counts.get(block) ?? 0) + 1);
    }
  }

  remove(blocks: ArrayLike<number>): void {
    for (let index = 0; index < blocks.length; index += 1) {
      const block = blocks[index] ?? 0;
      const left = (this.#counts.get(block) ?? 0) - 1;
      if (left > 0) this.#counts.set(block, left);
      else this.#counts.delete(block);
    }
  }

  /** Leading blocks that are active; what is active of a chain is always a prefix of it, which makes the binary search right. */
  match(blocks: ArrayLike<number>): number {
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#counts.has(blocks[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
