interface Warm {
  readonly tokens: number;
  readonly atMs: number;
}

/** How long a session is expected back after an answer: tools of agents mostly take less. */
const EXPECTED_BACK_MS = 120_000;
const MAX_SESSIONS = 4096;

/** Sessions that wait for a tool or a person and will come back to the blocks that an endpoint holds for them. */
export class WarmSessions {
  /** In the order of their last answers. */
  readonly #sessions = new Map<string, Warm>();
  #tokens = 0;

  /** Tokens that are expected to be asked for again. */
  tokens(nowMs: number): number {
    for (const [session, warm] of this.#sessions) {
      if (warm.atMs + EXPECTED_BACK_MS > nowMs) break;
      this.left(session);
    }
    return this.#tokens;
  }

  /** A request of the session has ended here; it probably comes back with at least so many tokens. */
  waits(session: string, tokens: number, nowMs: number): void {
    this.left(session);
    this.#sessions.set(session, { tokens, atMs: nowMs });
    this.#tokens += tokens;
    if (this.#sessions.size > MAX_SESSIONS) this.left(this.#sessions.keys().next().value ?? '');
  }

  /** The session has come back, here or elsewhere. */
  left(session: string): void {
    const warm = this.#sessions.get(session);
    if (warm === undefined) return;
    this.#sessions.delete(session);
    this.#tokens -= warm.tokens;
  }
}
