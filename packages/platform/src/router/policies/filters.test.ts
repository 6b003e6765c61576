import { describe, expect, it } from 'vitest';
import { applyFilters, type Filter } from '../pick/filters.ts';
import type { RouterEndpoint } from '../ports.ts';
import { createEndpointState } from '../state/endpoint-state.ts';
import { contextLengthFilter } from './context-length/context-length-filter.ts';
import { loraAffinityFilter } from './lora-affinity/lora-affinity-filter.ts';
import { priorityFilter } from './priority/priority-filter.ts';

type Facts = Omit<Partial<RouterEndpoint>, 'endpoint'>;

/** Names of the endpoints `a`, `b`, … that a filter keeps. */
function kept(filter: (pairs: { endpoint: RouterEndpoint; state: ReturnType<typeof createEndpointState> }[]) => Filter | undefined, ...facts: Facts[]): string {
  const pairs = facts.map((each, index) => {
    const endpoint = { endpoint: String.fromCharCode(97 + index), load: () => ({ running: 0, waiting: 0 }), ...each };
    return { endpoint, state: createEndpointState(endpoint.endpoint, 10) };
  });
  const removed = applyFilters(pairs, [filter(pairs)]);
  return pairs.flatMap(({ endpoint }, index) => (removed?.[index] === undefined ? [endpoint.endpoint] : [])).join('');
}

const slots = (running: string[], waiting: string[] = []) => ({ adapters: () => ({ max: 2, running, waiting }) });
const waits = (waiting: number) => ({ load: () => ({ running: 1, waiting }) });

describe('lora-affinity', () => {
  const lora = (...facts: Facts[]): string => kept((pairs) => loraAffinityFilter(pairs, 'x'), ...facts);

  it('keeps the replicas that have the adapter loaded', () => {
    expect(lora(slots(['x', 'y']), slots(['y']), slots([]))).toBe('a');
  });

  it('adds free slots while all of these have requests waiting', () => {
    expect(lora({ ...slots(['x']), ...waits(1) }, slots(['y']), slots(['y', 'z']))).toBe('ab');
    expect(lora({ ...slots(['x']), ...waits(1) }, slots(['x']), slots([]))).toBe('ab');
  });

  it('prefers a free slot, then one that loads it, then any', () => {
    expect(lora(slots(['y'], ['x']), slots(['y']))).toBe('b');
    expect(lora(slots(['y'], ['x']), slots(['y', 'z']))).toBe('a');
    expect(lora(slots(['y', 'z']), slots(['y', 'z']))).toBe('ab');
  });

  it('does nothing where no endpoint tells of adapters', () => {
    expect(lora({}, {})).toBe('ab');
  });
});

describe('context-length', () => {
  const context = (tokens: number, ...facts: Facts[]): string => kept((pairs) => contextLengthFilter(pairs, tokens), ...facts);
  const short = { contextRange: { min: 0, max: 2048 } };
  const long = { contextRange: { min: 2049, max: 131_072 } };

  it('keeps what is meant for the length, bounds included', () => {
    expect([context(2048, short, long), context(2049, short, long), context(100, short, long, {})]).toEqual(['a', 'b', 'ac']);
  });

  it('keeps all where none is meant for it', () => {
    expect(context(200_000, short, long)).toBe('ab');
  });
});

describe('priority', () => {
  const at = (priority: number, ...facts: Facts[]): string => kept((pairs) => priorityFilter(pairs, priority), ...facts);

  it('keeps lower priorities out of what is reserved', () => {
    expect([at(0, { minPriority: 10 }, {}), at(10, { minPriority: 10 }, {})]).toEqual(['b', 'ab']);
  });

  it('lets requests that may be shed stay away from saturated replicas', () => {
    expect(at(-1, waits(5), waits(4))).toBe('b');
    expect(at(-1, { load: () => ({ running: 1, waiting: 0, kvUse: 0.8 }) }, {})).toBe('b');
    expect(at(0, waits(50), {})).toBe('ab');
  });

  it('never refuses', () => {
    expect(at(-1, waits(9), waits(9))).toBe('ab');
    expect(at(0, { minPriority: 1 })).toBe('a');
  });
});
