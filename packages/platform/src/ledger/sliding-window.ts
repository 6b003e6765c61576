const WINDOW_MS = 60_000;

/**
 * Amounts of the last minute, exactly: what was taken at `t` counts until, not including, `t` + 60 s.
 * Times must not go back; the caller hands in a monotonic clock.
 */
export interface SlidingWindow {
  /** Sum of the last minute. */
  used(nowMs: number): number;
  /** Milliseconds until `amount` fits under `limit`; 0 when it fits now, infinite when it never will. */
  waitMs(amount: number, limit: number, nowMs: number): number;
  add(amount: number, nowMs: number): Entry;
  /** Corrects an estimate while it is still in the window. */
  correct(entry: Entry, amount: number): void;
}

export interface Entry {
  readonly atMs: number;
  amount: number;
}

export function createSlidingWindow(): SlidingWindow {
  let entries: Entry[] = [];
  let first = 0;
  let total = 0;

  const forget = (nowMs: number): void => {
    for (let entry = entries[first]; entry !== undefined && entry.atMs + WINDOW_MS <= nowMs; entry = entries[first]) {
      total -= entry.amount;
      // An entry that has left the window can no longer be corrected.
      entry.amount = Number.NaN;
      first += 1;
    }
    if (first > 1024 && first * 2 > entries.length) {
      entries = entries.slice(first);
      first = 0;
    }
  };

  return {
    used(nowMs) {
      forget(nowMs);
      return total;
    },
    waitMs(amount, limit, nowMs) {
      forget(nowMs);
      if (total + amount <= limit) return 0;
      let left = total;
      for (let index = first; index < entries.length; index += 1) {
        const entry = entries[index];
        if (entry === undefined) break;
        left -= entry.amount;
        if (left + amount <= limit) return entry.atMs + WINDOW_MS - nowMs;
      }
      return Number.POSITIVE_INFINITY;
    },
    add(amount, nowMs) {
      forget(nowMs);
      const entry = { atMs: nowMs, amount };
      entries.push(entry);
      total += amount;
      return entry;
    },
    correct(entry, amount) {
      if (Number.isNaN(entry.amount)) return;
      total += amount - entry.amount;
      entry.amount = amount;
    },
  };
}
