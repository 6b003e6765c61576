import type { EndpointState } from '@maru/api/wire';

/** Load of all replicas of a model together; null where no replica tells. */
export interface ModelLoad {
  readonly ready: number;
  readonly running: number | null;
  readonly waiting: number | null;
  /** Mean of the replicas that tell. */
  readonly kvUse: number | null;
  readonly expectedHit: number | null;
  readonly realisedHit: number | null;
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function meanKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  const sum = sumKnown(known);
  return sum === null ? null : sum / known.length;
}

export const modelLoad = (endpoints: readonly EndpointState[]): ModelLoad => ({
  ready: endpoints.filter((endpoint) => endpoint.state === 'ready').length,
  running: sumKnown(endpoints.map((endpoint) => endpoint.running)),
  waiting: sumKnown(endpoints.map((endpoint) => endpoint.waiting)),
  kvUse: meanKnown(endpoints.map((endpoint) => endpoint.kvUse)),
  expectedHit: meanKnown(endpoints.map((endpoint) => endpoint.expectedHit)),
  realisedHit: meanKnown(endpoints.map((endpoint) => endpoint.realisedHit)),
});
