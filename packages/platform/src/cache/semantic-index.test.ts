import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createSemanticIndex } from './semantic-index.ts';

const unit = (...values: number[]): Float32Array => Float32Array.from(values.map((value) => value / Math.hypot(...values)));

describe('the index of meanings', () => {
  it('finds the nearest one above the threshold, in its facet only', () => {
    const index = createSemanticIndex({ clock: createFakeClock(0), maxVectors: 10, maxPerFacet: 10 });
    index.add('f', { key: 'far', vector: unit(1, 1), expiresMs: 10 });
    index.add('f', { key: 'near', vector: unit(1, 0.1), expiresMs: 10 });
    index.add('g', { key: 'other', vector: unit(1, 0), expiresMs: 10 });

    expect(index.find('f', unit(1, 0), 0.6)?.key).toBe('near');
    expect(index.find('f', unit(1, 0), 0.999)).toBeUndefined();
    expect(index.find('h', unit(1, 0), 0)).toBeUndefined();
    expect(index.find('f', unit(1, 0, 0), 0.1)).toBeUndefined();
  });

  it('forgets what is over, and stays within its bounds', async () => {
    const clock = createFakeClock(0);
    const index = createSemanticIndex({ clock, maxVectors: 6, maxPerFacet: 3 });
    for (let number = 0; number < 5; number += 1) index.add('f', { key: `f${number}`, vector: unit(1, number), expiresMs: 100 });
    expect(index.size).toBe(3);
    for (const facet of ['g', 'h', 'i'])
      for (let number = 0; number < 3; number += 1) index.add(facet, { key: `${facet}${number}`, vector: unit(1, number), expiresMs: 100 });
    expect(index.size).toBeLessThanOrEqual(6);
    expect(index.find('f', unit(1, 4), 0.5)).toBeUndefined();
    expect(index.find('i', unit(1, 2), 0.5)?.key).toBe('i2');

    await clock.advance(100);

    expect(index.find('i', unit(1, 2), 0.5)).toBeUndefined();
  });

  it('keeps a question once', () => {
    const index = createSemanticIndex({ clock: createFakeClock(0), maxVectors: 6, maxPerFacet: 3 });
    for (let number = 0; number < 3; number += 1) index.add('f', { key: 'same', vector: unit(1, 0), expiresMs: 100 });

    expect(index.size).toBe(1);
  });
});
