import type { Waiter } from './waiter.ts';

/** Something that gives waiting requests in an order of its own. */
export interface FairSource {
  readonly size: number;
  /** The one that it gives next; undefined where it is empty. The same one until something is added or removed. */
  head(): Waiter | undefined;
  add(waiter: Waiter): void;
  /** Takes one out, wherever it stands; `served` where it goes to its model and its cost counts. False where it is not there. */
  remove(waiter: Waiter, served: boolean): boolean;
  /** One that came last. */
  newest(): Waiter | undefined;
  /** Tokens that go before this one for certain, itself left out. */
  tokensBefore(waiter: Waiter): number;
}

/** First come, first served. */
export class Fifo implements FairSource {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  head(): Waiter | undefined {
    return this.#waiters.values().next().value;
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: Waiter): boolean {
    return this.#waiters.delete(waiter);
  }

  newest(): Waiter | undefined {
    let last: Waiter | undefined;
    for (const waiter of this.#waiters) last = waiter;
    return last;
  }

  tokensBefore(waiter: Waiter): number {
    let tokens = 0;
    for (const each of this.#waiters) {
      if (each === waiter) break;
      tokens += costOf(each);
    }
    return tokens;
  }
}

/** What counts of a request: nothing is free, or one flow could send for ever. */
export const costOf = (waiter: Pick<Waiter, 'costTokens'>): number => Math.max(1, waiter.costTokens);
