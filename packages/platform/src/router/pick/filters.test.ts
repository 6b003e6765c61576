import { describe, expect, it } from 'vitest';
import { createEndpointState } from '../state/endpoint-state.ts';
import { alreadyTriedFilter, applyFilters, coolingDownFilter } from './filters.ts';

const stateOf = (endpoint: string, coolUntilMs = 0) => ({ ...createEndpointState(endpoint, 1), coolUntilMs });

describe('filters', () => {
  it('say which of them removed a candidate', () => {
    const states = [stateOf('a'), stateOf('b', 100), stateOf('c')];

    expect(applyFilters(states, [alreadyTriedFilter(['a']), coolingDownFilter(50)])).toEqual(['already-tried', 'cooling-down', undefined]);
  });

  it('keep all that is left when a filter that fails open would leave nothing', () => {
    const states = [stateOf('a', 100), stateOf('b', 100)];

    expect(applyFilters(states, [alreadyTriedFilter(['a']), coolingDownFilter(50)])).toEqual(['already-tried', undefined]);
  });

  it('leave nothing when everything was tried', () => {
    expect(applyFilters([stateOf('a')], [alreadyTriedFilter(['a'])])).toEqual(['already-tried']);
  });
});
