import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createAffinities } from './affinity.ts';

const place = { model: 'a', endpoint: 'a-0' };

describe('affinities', () => {
  it('are kept for their time, which begins anew with each use', async () => {
    const clock = createFakeClock();
    const affinities = createAffinities(clock);
    affinities.keep('chat/s1', place, 1000);
    await clock.advance(900);
    expect(affinities.find('chat/s1')).toEqual(place);

    affinities.keep('chat/s1', place, 1000);
    await clock.advance(900);
    expect(affinities.find('chat/s1')).toEqual(place);
    await clock.advance(101);

    expect(affinities.find('chat/s1')).toBeUndefined();
    expect(affinities.find('chat/s2')).toBeUndefined();
  });

  it('are bounded: the ones used longest ago are forgotten first', () => {
    const affinities = createAffinities(createFakeClock());
    for (let number = 0; number <= 50_000; number += 1) affinities.keep(`k${number}`, place, 1e9);

    expect(affinities.find('k0')).toBeUndefined();
    expect(affinities.find('k50000')).toEqual(place);
  });
});
