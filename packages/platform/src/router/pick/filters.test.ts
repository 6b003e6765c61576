import { describe, expect, it } from 'vitest';
import { DEFAULT_HEALTH } from '../health/health-settings.ts';
import { createEndpointState } from '../state/endpoint-state.ts';
import { alreadyTriedFilter, applyFilters, coolingDownFilter, returningFilter, suspectFilter } from './filters.ts';

function stateOf(endpoint: string, restMs = 0) {
  const state = createEndpointState(endpoint, 1);
  if (restMs > 0) state.health.note({ failure: 'rateLimit', retryAfterMs: undefined }, 0, { ...DEFAULT_HEALTH, cooldownMs: restMs });
  return { state };
}

/** Ejected for its error rate at the given time. */
function outlierOf(endpoint: string, atMs: number) {
  const state = createEndpointState(endpoint, 1);
  state.health.note({ failure: 'serverError', retryAfterMs: undefined }, atMs, { ...DEFAULT_HEALTH, minRequests: 1 });
  return { state };
}

describe('filters', () => {
  it('say which of them removed a candidate', () => {
    const states = [stateOf('a'), stateOf('b', 100), stateOf('c')];

    expect(applyFilters(states, [alreadyTriedFilter(['a']), coolingDownFilter(states, 50, 0.5)])).toEqual(['already-tried', 'cooling-down', undefined]);
  });

  it('keep all that is left when a filter that fails open would leave nothing', () => {
    const states = [stateOf('a', 100), stateOf('b', 100)];

    expect(applyFilters(states, [alreadyTriedFilter(['a']), coolingDownFilter(states, 50, 0.5)])).toEqual(['already-tried', undefined]);
  });

  it('leave nothing when everything was tried', () => {
    expect(applyFilters([stateOf('a')], [alreadyTriedFilter(['a'])])).toEqual(['already-tried']);
  });

  it('let in the outliers beyond the share that may be ejected, those first that have rested longest', () => {
    const states = [outlierOf('a', 30), outlierOf('b', 10), outlierOf('c', 20), stateOf('d')];

    expect(applyFilters(states, [coolingDownFilter(states, 50, 0.5)])).toEqual(['cooling-down', undefined, 'cooling-down', undefined]);
    expect(applyFilters(states, [coolingDownFilter(states, 50, 1)])).toEqual(['cooling-down', 'cooling-down', 'cooling-down', undefined]);
    expect(applyFilters(states, [coolingDownFilter(states, 50, 0)])).toEqual(['cooling-down', undefined, undefined, undefined]);
  });

  it('are not there where they have nothing to take out', () => {
    const states = [stateOf('a'), stateOf('b')];

    expect([alreadyTriedFilter([]), coolingDownFilter(states, 50, 0.5), returningFilter(states, 50, () => 0)]).toEqual([undefined, undefined, undefined]);
    expect(applyFilters(states, [undefined])).toBeUndefined();
  });

  it('hold back an endpoint that one request is trying, and by chance one that comes back', () => {
    const trial = stateOf('a', 100);
    trial.state.health.begin();
    const back = stateOf('b', 100);
    back.state.health.note({ failure: undefined, retryAfterMs: undefined }, 200);
    const states = [trial, back, stateOf('c')];

    expect(applyFilters(states, [returningFilter(states, 200, () => 0.5)])).toEqual(['returning', 'returning', undefined]);
    expect(applyFilters(states, [returningFilter(states, 200, () => 0.05)])).toEqual(['returning', undefined, undefined]);
    expect(applyFilters([trial], [returningFilter([trial], 200, () => 0.5)])).toBeUndefined();
  });
});

describe('the filter of suspects', () => {
  const pair = (endpoint: string, why?: string) => ({
    endpoint: { endpoint, load: () => ({ running: 0, waiting: 0 }), ...(why === undefined ? {} : { suspect: () => why }) },
    state: createEndpointState(endpoint, 1),
  });
  const removed = (pairs: readonly ReturnType<typeof pair>[], maxEjected = 0.5) => applyFilters(pairs, [suspectFilter(pairs, maxEjected)]);

  it('takes out who lies or answers for another model, while others are there', () => {
    expect(removed([pair('a'), pair('b', 'its metrics lie'), pair('c'), pair('d')])).toEqual([undefined, 'suspect', undefined, undefined]);
  });

  it('is not there where nobody is suspect, or an endpoint can not say', () => {
    expect(suspectFilter([pair('a'), { ...pair('b'), endpoint: { ...pair('b').endpoint, suspect: () => undefined } }], 0.5)).toBeUndefined();
  });

  it('keeps the only endpoint, whatever is said of it', () => {
    expect(removed([pair('a', 'it answers for another model')])).toBeUndefined();
  });

  it('takes out no more than the share that may rest, and at least one', () => {
    const all = [pair('a', 'x'), pair('b', 'x'), pair('c', 'x'), pair('d', 'x')];

    expect(removed(all, 0.5)).toEqual(['suspect', 'suspect', undefined, undefined]);
    expect(removed(all, 0)).toEqual(['suspect', undefined, undefined, undefined]);
    expect(removed(all, 1)).toBeUndefined();
  });
});
