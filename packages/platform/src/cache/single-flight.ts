import type { CachedAnswer } from './cached-answer.ts';

/** A place in a group of equal requests. */
export type Seat =
  /** The first: it asks, and must call `land` in the end, with its answer or without one. */
  | { readonly leads: true; readonly land: (answer: CachedAnswer | undefined) => void }
  /** Another one: `landed` resolves with the answer, or with undefined when the first one had none to share. */
  | { readonly leads: false; readonly landed: Promise<CachedAnswer | undefined> };

/** Lets equal requests share one answer. A failure of the first one is its own: the next one asks anew. */
export function createSingleFlight(): { join(key: string): Seat; readonly size: number } {
  const flights = new Map<string, Promise<CachedAnswer | undefined>>();
  return {
    get size() {
      return flights.size;
    },
    join(key) {
      const running = flights.get(key);
      if (running !== undefined) return { leads: false, landed: running };
      const { promise, resolve } = Promise.withResolvers<CachedAnswer | undefined>();
      flights.set(key, promise);
      return {
        leads: true,
        land: (answer) => {
          if (flights.get(key) === promise) flights.delete(key);
          resolve(answer);
        },
      };
    },
  };
}
