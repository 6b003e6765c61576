import type { Clock } from '#time';

/** Where something was last. */
interface Place {
  readonly model: string;
  readonly endpoint: string;
}

/** Where sessions, users and keys were last, per route; forgotten after their time, and the oldest first when there are too many. */
export interface Affinities {
  find(key: string): Place | undefined;
  /** Also starts the time anew. */
  keep(key: string, place: Place, ttlMs: number): void;
}

const MAX_KEPT = 50_000;

export function createAffinities(clock: Clock): Affinities {
  const places = new Map<string, { readonly place: Place; readonly untilMs: number }>();
  return {
    find: (key) => {
      const known = places.get(key);
      if (known === undefined) return undefined;
      if (known.untilMs > clock.monotonicMs()) return known.place;
      places.delete(key);
      return undefined;
    },
    keep: (key, place, ttlMs) => {
      places.delete(key);
      places.set(key, { place, untilMs: clock.monotonicMs() + ttlMs });
      if (places.size > MAX_KEPT) places.delete(places.keys().next().value ?? '');
    },
  };
}
