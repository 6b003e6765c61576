import { FreeList } from './free-list.ts';

export interface KvCacheOptions {
  readonly blocks: number;
  /** Tokens per block. */
  readonly blockSize: number;
  readonly prefixCaching: boolean;
  /** Told the hash of a block that can no longer be found. */
  readonly onRemoved?: ((hash: number) => void) | undefined;
}

/**
 * Paged memory for keys and values. A block has a reference count; a full block may carry a chained content hash, under which
 * others find it. Blocks without references stay findable until they are needed, the least recently freed first.
 */
export class KvCache {
  readonly blocks: number;
  readonly blockSize: number;
  readonly prefixCaching: boolean;
  readonly #references: Int32Array;
  readonly #hashes: Float64Array;
  readonly #byHash = new Map<number, number>();
  readonly #free: FreeList;
  readonly #onRemoved: ((hash: number) => void) | undefined;

  constructor(options: KvCacheOptions) {
    this.blocks = options.blocks;
    this.blockSize = options.blockSize;
    this.prefixCaching = options.prefixCaching;
    this.#references = new Int32Array(options.blocks);
    this.#hashes = new Float64Array(options.blocks).fill(-1);
    this.#free = new FreeList(options.blocks);
    this.#onRemoved = options.onRemoved;
  }

  /** Blocks that no sequence holds, cached content or not. */
  get freeBlocks(): number {
    return this.#free.size;
  }

  /** Blocks that can be found by their hash. */
  get cachedBlocks(): number {
    return this.#byHash.size;
  }

  /** Number of leading hashes whose blocks are present, at most `limit`. Changes nothing. */
  match(hashes: ArrayLike<number>, limit: number): number {
    if (!this.prefixCaching) return 0;
    const end = Math.min(limit, hashes.length);
    let count = 0;
    while (count < end && this.#byHash.has(hashes[count] ?? -1)) count += 1;
    return count;
  }

  /**
   * Fills an empty table with `cached` blocks that {@link match} has found and new ones up to `total`.
   * Returns false, and changes nothing, when there are not enough free blocks.
   */
  open(table: number[], hashes: ArrayLike<number>, want: { readonly cached: number; readonly total: number }): boolean {
    if (want.total - want.cached + this.idle(hashes, 0, want.cached) > this.#free.size) return false;
    this.adopt(table, hashes, { from: 0, to: want.cached });
    return this.grow(table, want.total);
  }

  /** Whether a block with this hash is present. */
  has(hash: number): boolean {
    return this.#byHash.has(hash);
  }

  /** Of the present blocks with these hashes, those that nobody holds: using them takes them out of the free ones. */
  idle(hashes: ArrayLike<number>, from: number, to: number): number {
    let count = 0;
    for (let index = from; index < to; index += 1) if (this.#references[this.#blockOf(hashes, index)] === 0) count += 1;
    return count;
  }

  /** Appends the present blocks with these hashes to a table. */
  adopt(table: number[], hashes: ArrayLike<number>, range: { readonly from: number; readonly to: number }): void {
    for (let index = range.from; index < range.to; index += 1) {
      const block = this.#blockOf(hashes, index);
      if (this.#references[block] === 0) this.#free.remove(block);
      this.#references[block] = this.referencesOf(block) + 1;
      table.push(block);
    }
  }

  /** Appends new blocks until the table has `total`. Returns false, and changes nothing, when there are not enough. */
  grow(table: number[], total: number): boolean {
    if (total - table.length > this.#free.size) return false;
    while (table.length < total) {
      const block = this.#free.shift();
      this.#forget(block);
      this.#references[block] = 1;
      table.push(block);
    }
    return true;
  }

  /** Makes a computed full block findable; the first block with a hash keeps it. Returns whether this one does. */
  publish(block: number, hash: number): boolean {
    if (!this.prefixCaching || this.#byHash.has(hash) || this.#hashes[block] !== -1) return false;
    this.#hashes[block] = hash;
    this.#byHash.set(hash, block);
    return true;
  }

  /** Gives all blocks of a table back; its end becomes the first to be reused, because a prefix is worth more. */
  release(table: number[]): void {
    for (let block = table.pop(); block !== undefined; block = table.pop()) if (block >= 0) this.#letGo(block);
  }

  /** Gives the blocks of a table before `end` back and writes `mark`, which is below 0, in their places. */
  releaseFront(table: number[], end: number, mark: number): void {
    // What was given back before lies in front, so the way back ends at the first mark.
    for (let index = Math.min(end, table.length) - 1; index >= 0; index -= 1) {
      const block = table[index] ?? mark;
      if (block < 0) return;
      this.#letGo(block);
      table[index] = mark;
    }
  }

  /** Lets no block be found any more; those that are held stay held. */
  clear(): void {
    this.#byHash.clear();
    this.#hashes.fill(-1);
  }

  referencesOf(block: number): number {
    return this.#references[block] ?? 0;
  }

  #letGo(block: number): void {
    const references = this.referencesOf(block) - 1;
    this.#references[block] = references;
    if (references === 0) this.#free.push(block);
  }

  #blockOf(hashes: ArrayLike<number>, index: number): number {
    return this.#byHash.get(hashes[index] ?? -1) ?? 0;
  }

  #forget(block: number): void {
    const hash = this.#hashes[block] ?? -1;
    if (hash === -1) return;
    this.#byHash.delete(hash);
    this.#hashes[block] = -1;
    this.#onRemoved?.(hash);
  }
}
