import type { RouterEndpoint } from '../ports.ts';
import type { EndpointState } from '../state/endpoint-state.ts';

/** Takes candidates out before they are scored. */
export interface Filter {
  readonly name: string;
  keeps(state: EndpointState): boolean;
  /** Whether all candidates stay when none would be left. */
  readonly failsOpen: boolean;
}

interface Pair {
  readonly endpoint: RouterEndpoint;
  readonly state: EndpointState;
}

/** Takes out endpoints that this request has failed on. Like all filters here undefined where it has nothing to take out, as mostly. */
export const alreadyTriedFilter = (tried: readonly string[]): Filter | undefined =>
  tried.length === 0 ? undefined : { name: 'already-tried', failsOpen: false, keeps: (state) => !tried.includes(state.endpoint) };

/** Takes out endpoints that rest after failures; when all of them rest, a try is better than a refusal. */
export function coolingDownFilter(pairs: readonly Pick<Pair, 'state'>[], nowMs: number, maxEjected: number): Filter | undefined {
  if (!pairs.some(({ state }) => state.health.resting(nowMs))) return undefined;
  const outliers = pairs.map(({ state }) => state).filter((state) => state.health.outlier && state.health.resting(nowMs));
  // One may always be ejected; of too many, those that have rested longest are let in again.
  const allowed = Math.max(1, Math.floor(pairs.length * maxEjected));
  const letIn = outliers.sort((left, right) => left.health.restUntilMs - right.health.restUntilMs).slice(0, Math.max(0, outliers.length - allowed));
  return { name: 'cooling-down', failsOpen: true, keeps: (state) => !state.health.resting(nowMs) || letIn.includes(state) };
}

/** Takes out endpoints that lie about themselves or answer for another model, never more than their share may rest. */
export function suspectFilter(pairs: readonly Pair[], maxEjected: number): Filter | undefined {
  const suspects = pairs.filter(({ endpoint }) => endpoint.suspect?.() !== undefined).slice(0, Math.max(1, Math.floor(pairs.length * maxEjected)));
  if (suspects.length === 0) return undefined;
  const out = new Set(suspects.map(({ state }) => state));
  return { name: 'suspect', failsOpen: true, keeps: (state) => !out.has(state) };
}

/** Takes out endpoints that one request is trying after their rest, and by chance those that come back slowly. */
export const returningFilter = (pairs: readonly Pick<Pair, 'state'>[], nowMs: number, random: () => number): Filter | undefined =>
  pairs.some(({ state: { health } }) => health.onTrial(nowMs) || health.share(nowMs) < 1)
    ? {
        name: 'returning',
        failsOpen: true,
        keeps: ({ health }) => {
          if (health.onTrial(nowMs)) return false;
          const share = health.share(nowMs);
          return share >= 1 || random() < share;
        },
      }
    : undefined;

/** Name of the filter that removed a candidate, or undefined where it stays, in the order of the candidates; undefined where all of them stay. */
export function applyFilters(pairs: readonly Pick<Pair, 'state'>[], filters: readonly (Filter | undefined)[]): readonly (string | undefined)[] | undefined {
  let removedBy: (string | undefined)[] | undefined;
  for (const filter of filters) {
    if (filter === undefined) continue;
    removedBy ??= new Array<string | undefined>(pairs.length).fill(undefined);
    const before = removedBy;
    const removed = pairs.map(({ state }, index) => before[index] === undefined && !filter.keeps(state));
    const left = pairs.filter((_pair, index) => before[index] === undefined && removed[index] !== true).length;
    if (left === 0 && filter.failsOpen) continue;
    for (const [index, gone] of removed.entries()) if (gone) before[index] = filter.name;
  }
  return removedBy?.some((name) => name !== undefined) === true ? removedBy : undefined;
}
