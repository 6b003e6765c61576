/** A prompt that was sent to an endpoint, in the queue of those whose first token has not come. */
export class PendingPrefill {
  readonly tokens: number;
  readonly ms: number;
  /** When it is computed by prediction. */
  readonly endMs: number;
  /** Nobody will tell of its first token, so that it counts as computed when its time is over. */
  readonly untold: boolean;
  /** Blocks of the prompt, which are in the cache when it is computed; none where nobody asks for them. */
  readonly hashes: ArrayLike<number>;
  waits = true;
  before: PendingPrefill | undefined = undefined;
  after: PendingPrefill | undefined = undefined;

  constructor({ tokens, ms, untold, hashes }: PrefillToCome, endMs: number) {
    this.tokens = tokens;
    this.ms = ms;
    this.untold = untold;
    this.hashes = hashes ?? NO_HASHES;
    this.endMs = endMs;
  }
}

interface PrefillToCome {
  readonly tokens: number;
  readonly ms: number;
  readonly untold: boolean;
  readonly hashes?: ArrayLike<number> | undefined;
}

const NO_HASHES: ArrayLike<number> = Object.freeze([]);
/** A prompt is compared with so many of those that were sent last. */
const MOST_COMPARED = 16;

/** Prompts that were sent to an endpoint and whose first token has not come, in the order in which they were sent. */
export class PendingPrefills {
  #first: PendingPrefill | undefined;
  #last: PendingPrefill | undefined;
  #count = 0;
  #tokens = 0;
  #ms = 0;
  #headSinceMs = 0;

  get count(): number {
    return this.#count;
  }

  add(prompt: PrefillToCome, nowMs: number): PendingPrefill {
    if (this.#count === 0) this.#headSinceMs = nowMs;
    const entry = new PendingPrefill(prompt, nowMs + this.waitMs(nowMs) + prompt.ms);
    const last = this.#last;
    if (last === undefined) this.#first = entry;
    else {
      last.after = entry;
      entry.before = last;
    }
    this.#last = entry;
    this.#count += 1;
    this.#tokens += entry.tokens;
    this.#ms += entry.ms;
    return entry;
  }

  /** Its first token has come, or it has ended without one. */
  done(entry: PendingPrefill, nowMs: number): void {
    if (!entry.waits) return;
    entry.waits = false;
    if (entry === this.#first) this.#headSinceMs = nowMs;
    this.#unlink(entry);
    this.#count -= 1;
    this.#tokens -= entry.tokens;
    this.#ms -= entry.ms;
  }

  /** Until a prompt that comes now is begun; the first one counts less the longer it is computed, those behind it count in full. */
  waitMs(nowMs: number): number {
    const head = this.#head(nowMs);
    return head === undefined ? 0 : Math.max(0, this.#ms - Math.min(head.ms, Math.max(0, nowMs - this.#headSinceMs)));
  }

  /** Tokens that are still to be computed. */
  tokens(nowMs: number): number {
    const head = this.#head(nowMs);
    if (head === undefined) return 0;
    const share = head.ms === 0 ? 1 : Math.min(1, Math.max(0, nowMs - this.#headSinceMs) / head.ms);
    return Math.max(0, this.#tokens - head.tokens * share);
  }

  /** Leading blocks that this prompt has in common with one that is still to be computed. */
  match(hashes: ArrayLike<number>): number {
    let most = 0;
    let left = MOST_COMPARED;
    for (let entry = this.#last; entry !== undefined && left > 0; entry = entry.before) {
      most = Math.max(most, commonBlocks(entry.hashes, hashes));
      left -= 1;
    }
    return most;
  }

  #head(nowMs: number): PendingPrefill | undefined {
    for (let entry = this.#first; entry !== undefined; entry = this.#first) {
      if (!entry.untold || entry.endMs > nowMs) return entry;
      this.done(entry, entry.endMs);
    }
    return undefined;
  }

  /** What has left points to nobody: the garbage of an old request must not hold younger ones. */
  #unlink(entry: PendingPrefill): void {
    const { before, after } = entry;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    entry.before = undefined;
    entry.after = undefined;
  }
}

/** Hashes are chained, so that two prompts with the same one at a place have all before it in common. */
function commonBlocks(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let low = 0;
  let high = Math.min(left.length, right.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (left[middle] === right[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
