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
export const coolingDownFilter = (nowMs: number): Filter => ({
  name: 'cooling-down',
  failsOpen: true,
  keeps: (state) => state.coolUntilMs <= nowMs,
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
