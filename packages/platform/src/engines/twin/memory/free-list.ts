/** Free blocks in the order in which they were freed, as an intrusive doubly linked list: every operation is O(1). */
export class FreeList {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #end: number;
  #size = 0;

  constructor(blocks: number) {
    this.#end = blocks;
    this.#next = new Int32Array(blocks + 1);
    this.#previous = new Int32Array(blocks + 1);
    this.#next[blocks] = blocks;
    this.#previous[blocks] = blocks;
    for (let block = 0; block < blocks; block += 1) this.push(block);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a block as the most recently freed one. */
  push(block: number): void {
    const last = this.#previous[this.#end] ?? this.#end;
    this.#next[last] = block;
    this.#previous[block] = last;
    this.#next[block] = this.#end;
    this.#previous[this.#end] = block;
    this.#size += 1;
  }

  /** Removes a block that is known to be in the list. */
  remove(block: number): void {
    const previous = this.#previous[block] ?? this.#end;
    const next = this.#next[block] ?? this.#end;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#size -= 1;
  }

  /** Takes the least recently freed block; -1 when there is none. */
  shift(): number {
    if (this.#size === 0) return -1;
    const first = this.#next[this.#end] ?? -1;
    this.remove(first);
    return first;
  }
}
