import { LiveMap } from '#memory';

export interface DecisionFilter {
  readonly route?: string;
  readonly model?: string;
  readonly endpoint?: string;
  readonly requestId?: string;
  readonly traceId?: string;
  /** 50 where absent. */
  readonly limit?: number;
}

/** What is looked for of a decision. */
interface Kept {
  readonly id: string;
  readonly route: string;
  readonly model: string;
  readonly chosen: string;
  readonly requestId: string;
  readonly traceId: string;
}

/** The last decisions, in memory and bounded. */
export interface DecisionLog<D extends Kept> {
  put(decision: D): void;
  get(id: string): D | undefined;
  /** Newest first. */
  recent(filter?: DecisionFilter): D[];
}

/** Keeps the last `capacity` decisions. */
export function createDecisionLog<D extends Kept>(capacity: number): DecisionLog<D> {
  const decisions = new LiveMap<string, D>();
  return {
    // Setting an existing key keeps its place, so a decision that is completed later stays in order.
    put: (decision) => {
      decisions.set(decision.id, decision);
      if (decisions.size > capacity) decisions.take(decisions.first ?? '');
    },
    get: (id) => decisions.get(id),
    recent: (filter = {}) => {
      const found: D[] = [];
      const limit = filter.limit ?? 50;
      for (const [, decision] of [...decisions].reverse()) {
        if (found.length >= limit) break;
        if (matches(decision, filter)) found.push(decision);
      }
      return found;
    },
  };
}

const matches = (decision: Kept, filter: DecisionFilter): boolean =>
  (filter.route === undefined || decision.route === filter.route) &&
  (filter.model === undefined || decision.model === filter.model) &&
  (filter.endpoint === undefined || decision.chosen === filter.endpoint) &&
  (filter.requestId === undefined || decision.requestId === filter.requestId) &&
  (filter.traceId === undefined || decision.traceId === filter.traceId);
