const WINDOW_MS = 10_000;
/** Fewer requests say nothing. */
const MIN_SAMPLES = 8;

/** How fast a queue empties while it has something to give, from its last ten seconds or so. */
export class DrainRate {
  #tokens = 0;
  #busyMs = 0;
  #samples = 0;
  #atMs = 0;

  /** Requests wait from now on. */
  begin(nowMs: number): void {
    this.#atMs = nowMs;
  }

  /** So many tokens have gone; nothing else was to be had since the last time. */
  served(tokens: number, nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    const kept = Math.exp(-passedMs / WINDOW_MS);
    this.#tokens = this.#tokens * kept + tokens;
    this.#busyMs = this.#busyMs * kept + passedMs;
    this.#samples = Math.min(MIN_SAMPLES, this.#samples + 1);
    this.#atMs = nowMs;
  }

  /** How long tokens take to go; undefined while too little is known. */
  waitMs(tokens: number): number | undefined {
    return this.#samples < MIN_SAMPLES || this.#busyMs === 0 ? undefined : (tokens * this.#busyMs) / this.#tokens;
  }
}
