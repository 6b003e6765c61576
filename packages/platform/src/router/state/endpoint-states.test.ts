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

  it('share their memory when it is full, and forget nothing else of an endpoint', () => {
    const states = createEndpointStates({ maxBlocks: 3000, maxEndpoints: 100 });
    const endpoints = Array.from({ length: 20 }, (_, number) => endpoint(`e${number}`));
    for (const each of endpoints) states.of(each).emptyHits = 2;
    for (let turn = 0; turn < 50; turn += 1)
      for (const each of endpoints) states.of(each).index.insert(Array.from({ length: 50 }, (_, number) => turn * 50 + number));

    expect(states.all().map(({ emptyHits }) => emptyHits)).toEqual(endpoints.map(() => 2));
    expect(states.all().reduce((sum, { index }) => sum + index.size, 0)).toBeLessThanOrEqual(3000);
    // The newest blocks are known, the oldest are not.
    expect(states.all().every(({ index }) => index.match([49 * 50]) === 1 && index.match([0]) === 0)).toBe(true);
  });

  it('give an endpoint its whole cache again when others have gone', () => {
    const states = createEndpointStates({ maxBlocks: 300, maxEndpoints: 100 });
    for (let turn = 0; turn < 300; turn += 1)
      for (const name of ['a', 'b']) states.of(endpoint(name, 1200)).index.insert(Array.from({ length: 300 }, (_, number) => number));
    const shared = states.find('a')?.index.size;
    states.forget('b');
    states.of(endpoint('a', 1200));

    expect([shared, capacityOf(states, 'a')]).toEqual([150, 300]);
  });

  it('leave the index of an endpoint as it is when another one goes', () => {
    const states = createEndpointStates({ maxBlocks: 1000, maxEndpoints: 100 });
    for (const name of ['a', 'b']) states.of(endpoint(name, 400));
    const before = states.find('a')?.index;
    states.forget('b');

    expect(states.of(endpoint('a', 400)).index).toBe(before);
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
