import { describe, expect, it } from 'vitest';
import { createEndpointStates } from './endpoint-states.ts';

const endpoint = (name: string, kvBlocks?: number, kvTokens?: number) => ({
  endpoint: name,
  load: () => ({ running: 0, waiting: 0, ...(kvBlocks === undefined ? {} : { kvBlocks }) }),
  kvTokens,
});

const capacityOf = (states: ReturnType<typeof createEndpointStates>, name: string): number => {
  const index = states.find(name)?.index;
  index?.insert(Array.from({ length: 50_000 }, (_, number) => number));
  return index?.size ?? 0;
};

describe('endpoint states', () => {
  it('give an index the size of the cache that the endpoint reports', () => {
    const states = createEndpointStates({ maxBlocks: 100_000, maxEndpoints: 10 });
    for (const each of [endpoint('blocks', 400), endpoint('tokens', undefined, 12_800), endpoint('unknown')]) states.of(each);

    expect([capacityOf(states, 'blocks'), capacityOf(states, 'tokens'), capacityOf(states, 'unknown')]).toEqual([100, 200, 31_250]);
  });

  it('stay within their memory: the endpoint used longest ago is forgotten', () => {
    const states = createEndpointStates({ maxBlocks: 300, maxEndpoints: 10 });
    for (const name of ['a', 'b', 'a', 'c']) states.of(endpoint(name, 500));

    expect(states.all().map((state) => state.endpoint)).toEqual(['a', 'c']);
    expect(states.all().reduce((sum, state) => sum + capacityOf(states, state.endpoint), 0)).toBeLessThanOrEqual(300);
  });

  it('stay within their number', () => {
    const states = createEndpointStates({ maxBlocks: 1e9, maxEndpoints: 3 });
    for (let number = 0; number < 50; number += 1) states.of(endpoint(`e${number}`, 4));

    expect(states.all().map((state) => state.endpoint)).toEqual(['e47', 'e48', 'e49']);
  });

  it('start anew for an endpoint that was forgotten', () => {
    const states = createEndpointStates({ maxBlocks: 1000, maxEndpoints: 3 });
    states.of(endpoint('a')).emptyHits = 2;

    states.forget('a');
    states.forget('never seen');

    expect(states.of(endpoint('a')).emptyHits).toBe(0);
  });
});
