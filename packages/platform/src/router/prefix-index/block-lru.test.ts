import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockLru } from './block-lru.ts';

describe('block LRU', () => {
  it('forgets what was touched longest ago', () => {
    const lru = new BlockLru(2);
    for (const key of [1, 2, 1, 3]) lru.touch(key);

    expect([lru.has(1), lru.has(2), lru.has(3), lru.size]).toEqual([true, false, true, 2]);
  });

  it('keeps keys apart that differ only above 32 bits', () => {
    const lru = new BlockLru(8);
    lru.touch(5);

    expect(lru.has(5 + 2 ** 32)).toBe(false);
    expect(lru.has(5 + 2 ** 52)).toBe(false);
  });

  it('is empty after it was cleared', () => {
    const lru = new BlockLru(4);
    for (const key of [0, 1, 2, 3, 4]) lru.touch(key);

    lru.clear();

    expect([lru.size, lru.has(4), lru.has(0)]).toEqual([0, false, false]);
    lru.touch(9);
    expect(lru.has(9)).toBe(true);
  });

  it('does what a plain map does, for any capacity and any order of keys', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(
          fc.oneof(
            fc.nat(60),
            fc.nat(60).map((key) => key * 2 ** 31),
          ),
          { maxLength: 400 },
        ),
        (capacity, keys) => {
          const lru = new BlockLru(capacity);
          const model = new Map<number, true>();
          for (const key of keys) {
            expect(lru.has(key)).toBe(model.has(key));
            lru.touch(key);
            model.delete(key);
            model.set(key, true);
            if (model.size > capacity) model.delete(model.keys().next().value ?? -1);
          }
          expect(lru.size).toBe(model.size);
          for (const key of model.keys()) expect(lru.has(key)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stays right while it grows', () => {
    const lru = new BlockLru(3000);
    for (let key = 0; key < 5000; key += 1) lru.touch(key * 7919);

    expect(lru.size).toBe(3000);
    for (let key = 0; key < 5000; key += 1) expect(lru.has(key * 7919)).toBe(key >= 2000);
  });

  it('never takes more than 40 bytes per block, however much is put in', () => {
    const lru = new BlockLru(10_000);
    for (let key = 0; key < 100_000; key += 1) lru.touch(key);

    expect(lru.size).toBe(10_000);
    expect(lru.bytes).toBeLessThan(10_000 * 40);
  });
});
