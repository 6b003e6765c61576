import type { RouterEndpoint } from '../ports.ts';
import type { EndpointState } from '../state/endpoint-state.ts';

/** Takes candidates out before they are scored. */
export interface Filter {
  readonly name: string;
  keeps(state: EndpointState): boolean;
  /** Whether all candidates stay when none would be left. */
  readonly failsOpen: boolean;
}

/** Takes out endpoints that this request has failed on. */
export const alreadyTriedFilter = (tried: readonly string[]): Filter => ({
  name: 'already-tried',
  failsOpen: false,
  keeps: (state) => !tried.includes(state.endpoint),
});

/** Takes out endpoints that rest after failures; when all of them rest, a try is better than a refusal. */
export function coolingDownFilter(states: readonly EndpointState[], nowMs: number, maxEjected: number): Filter {
  const outliers = states.filter((state) => state.health.outlier && state.health.resting(nowMs));
  // One may always be ejected; of too many, those that have rested longest are let in again.
  const allowed = Math.max(1, Math.floor(states.length * maxEjected));
  const letIn = outliers.sort((left, right) => left.health.restUntilMs - right.health.restUntilMs).slice(0, Math.max(0, outliers.length - allowed));
  return { name: 'cooling-down', failsOpen: true, keeps: (state) => !state.health.resting(nowMs) || letIn.includes(state) };
}

interface Pair {
  readonly endpoint: RouterEndpoint;
  readonly state: EndpointState;
}

/** Takes out endpoints that lie about themselves or answer for another model, never more than their share may rest. */
export function suspectFilter(pairs: readonly Pair[], maxEjected: number): Filter {
  const suspects = pairs.filter(({ endpoint }) => endpoint.suspect?.() !== undefined).slice(0, Math.max(1, Math.floor(pairs.length * maxEjected)));
  const out = new Set(suspects.map(({ state }) => state));
  return { name: 'suspect', failsOpen: true, keeps: (state) => !out.has(state) };
}

/** Takes out endpoints that one request is trying after their rest, and by chance those that come back slowly. */
export const returningFilter = (nowMs: number, random: () => number): Filter => ({
  name: 'returning',
  failsOpen: true,
  keeps: ({ health }) => {
    if (health.onTrial(nowMs)) return false;
    const share = health.share(nowMs);
    return share >= 1 || random() < share;
  },
});

/** Name of the filter that removed a state, or undefined where it stays; in the order of the states. */
export function applyFilters(states: readonly EndpointState[], filters: readonly Filter[]): (string | undefined)[] {
  const removedBy = new Array<string | undefined>(states.length).fill(undefined);
  for (const filter of filters) {
    const removed = states.map((state, index) => removedBy[index] === undefined && !filter.keeps(state));
    const left = states.filter((_state, index) => removedBy[index] === undefined && removed[index] !== true).length;
    if (left === 0 && filter.failsOpen) continue;
    for (const [index, gone] of removed.entries()) if (gone) removedBy[index] = filter.name;
  }
  return removedBy;
}
