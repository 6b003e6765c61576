import type { Clock } from '#time';

/** One way in which less is known than there should be: what, of which endpoint, since when. */
export interface Degradation {
  readonly name: string;
  readonly endpoint: string;
  /** The latest case, for a person. */
  readonly detail: string;
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** What is not as it should be, by name: nothing degrades in silence. */
export interface Degradations {
  raise(name: string, endpoint: string, detail: string): void;
  /** It is well again. */
  settle(name: string, endpoint: string): void;
  /** The endpoint is gone. */
  forget(endpoint: string): void;
  has(name: string, endpoint: string): boolean;
  list(): readonly Degradation[];
}

const MAX_KEPT = 10_000;

/** An empty list; `onNew` is told once per name and endpoint. */
export function createDegradations(clock: Clock, onNew: (degradation: Degradation) => void): Degradations {
  const kept = new Map<string, Degradation>();
  return {
    raise(name, endpoint, detail) {
      const key = `${name}\n${endpoint}`;
      const nowMs = clock.nowMs();
      const before = kept.get(key);
      const next: Degradation = { name, endpoint, detail, sinceMs: before?.sinceMs ?? nowMs, lastMs: nowMs, count: (before?.count ?? 0) + 1 };
      if (before === undefined && kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, next);
      if (before === undefined) onNew(next);
    },
    settle: (name, endpoint) => void kept.delete(`${name}\n${endpoint}`),
    forget(endpoint) {
      for (const [key, degradation] of kept) if (degradation.endpoint === endpoint) kept.delete(key);
    },
    has: (name, endpoint) => kept.size > 0 && kept.has(`${name}\n${endpoint}`),
    list: () => [...kept.values()],
  };
}
