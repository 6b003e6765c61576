import { LiveMap } from '#memory';

interface Pending {
  readonly tokens: number;
  readonly ms: number;
  /** When it is computed by prediction. */
  readonly endMs: number;
  /** Nobody will tell of its first token, so that it counts as computed when its time is over. */
  readonly untold: boolean;
}

/** Prompts that were sent to an endpoint and whose first token has not come, in the order in which they were sent. */
export class PendingPrefills {
  readonly #entries = new LiveMap<string, Pending>();
  #tokens = 0;
  #ms = 0;
  #headSinceMs = 0;

  get count(): number {
    return this.#entries.size;
  }

  add(id: string, prompt: { readonly tokens: number; readonly ms: number; readonly untold: boolean }, nowMs: number): void {
    if (this.#entries.size === 0) this.#headSinceMs = nowMs;
    this.#entries.set(id, { ...prompt, endMs: nowMs + this.waitMs(nowMs) + prompt.ms });
    this.#tokens += prompt.tokens;
    this.#ms += prompt.ms;
  }

  /** Its first token has come, or it has ended without one. */
  done(id: string, nowMs: number): void {
    const wasHead = this.#entries.first === id;
    const entry = this.#entries.take(id);
    if (entry === undefined) return;
    this.#tokens -= entry.tokens;
    this.#ms -= entry.ms;
    if (wasHead) this.#headSinceMs = nowMs;
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

  #head(nowMs: number): Pending | undefined {
    for (const [id, entry] of this.#entries) {
      if (!entry.untold || entry.endMs > nowMs) return entry;
      this.done(id, entry.endMs);
    }
    return undefined;
  }
}
