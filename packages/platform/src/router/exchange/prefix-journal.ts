/** Blocks of a prompt that was sent to an endpoint. */
export interface SentPrefix {
  readonly endpoint: string;
  readonly hashes: ArrayLike<number>;
}

/** Prefixes that others are to be told of; the oldest are let go where there are too many, because what is known of caches is a guess anyway. */
export class PrefixJournal {
  readonly #maxBlocks: number;
  #entries: SentPrefix[] = [];
  #blocks = 0;
  #lost = 0;

  constructor(maxBlocks: number) {
    this.#maxBlocks = maxBlocks;
  }

  /** Blocks that nobody was told of. */
  get lost(): number {
    return this.#lost;
  }

  add(prefix: SentPrefix): void {
    if (prefix.hashes.length === 0) return;
    this.#entries.push(prefix);
    this.#blocks += prefix.hashes.length;
    if (this.#blocks <= this.#maxBlocks) return;
    let gone = 0;
    for (; this.#blocks > this.#maxBlocks && gone < this.#entries.length; gone += 1) {
      const blocks = this.#entries[gone]?.hashes.length ?? 0;
      this.#blocks -= blocks;
      this.#lost += blocks;
    }
    this.#entries = this.#entries.slice(gone);
  }

  /** Everything since the last time, oldest first. */
  take(): readonly SentPrefix[] {
    const entries = this.#entries;
    this.#entries = [];
    this.#blocks = 0;
    return entries;
  }
}
