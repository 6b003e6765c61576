/** What a picker has done since its start. */
export interface PickStats {
  /** Requests that were given an endpoint. */
  readonly picked: number;
  /** Of these, those that the gateway took to another endpoint than the chosen one. */
  readonly fallbacks: number;
  /** Requests that were answered in place of a model, by error code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Time of all choices together, from the whole request to the endpoint, in milliseconds; waiting for room is not in it. */
  readonly pickMs: number;
}

/** Told by each exchange what came of it. */
export interface PickTally {
  picked(tookMs: number): void;
  moved(): void;
  refused(code: string): void;
}

export function createPickStats(): PickTally & { readonly now: PickStats } {
  const refused: Record<string, number> = {};
  const now = { picked: 0, fallbacks: 0, refused, pickMs: 0 };
  return {
    now,
    picked: (tookMs) => {
      now.picked += 1;
      now.pickMs += tookMs;
    },
    moved: () => {
      now.fallbacks += 1;
    },
    refused: (code) => {
      refused[code] = (refused[code] ?? 0) + 1;
    },
  };
}
