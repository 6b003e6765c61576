import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrefixIndex } from './prefix-index.ts';

/** Hashes of a chain: two chains share numbers exactly as far as their parts are equal. */
function chainOf(parts: readonly number[]): number[] {
  let hash = 17;
  return parts.map((part) => {
    hash = (hash * 31 + part) % 2 ** 50;
    return hash;
  });
}

describe('prefix index', () => {
  it('matches nothing at first', () => {
    expect(createPrefixIndex(10).match(chainOf([1, 2, 3]))).toBe(0);
    expect(createPrefixIndex(10).match([])).toBe(0);
  });

  it('matches as far as an earlier prompt is equal', () => {
    const index = createPrefixIndex(10);
    index.insert(chainOf([1, 2, 3, 4]));

    expect(index.match(chainOf([1, 2, 9, 4]))).toBe(2);
    expect(index.match(chainOf([1, 2, 3, 4, 5, 6]))).toBe(4);
    expect(index.match(chainOf([9]))).toBe(0);
  });

  it('forgets the end of a prompt before its beginning', () => {
    const index = createPrefixIndex(4);
    index.insert(chainOf([1, 2, 3]));

    index.insert(chainOf([7, 8]));

    expect(index.match(chainOf([1, 2, 3]))).toBe(2);
    expect(index.match(chainOf([7, 8]))).toBe(2);
  });

  it('keeps the beginning of a prompt that is longer than itself', () => {
    const index = createPrefixIndex(3);

    index.insert(chainOf([1, 2, 3, 4, 5]));

    expect(index.match(chainOf([1, 2, 3, 4, 5]))).toBe(3);
  });

  it('always knows a whole prefix, so that its binary search finds the same as looking at every block', () => {
    const prompt = fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }).map(chainOf);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(prompt, { minLength: 1, maxLength: 30 }), (capacity, prompts) => {
        const index = createPrefixIndex(capacity);
        for (const hashes of prompts) {
          index.insert(hashes);
          expect(index.size).toBeLessThanOrEqual(capacity);
          expect(index.match(hashes)).toBe(Math.min(capacity, hashes.length));
          for (const other of prompts) {
            const found = index.match(other);
            for (let length = 1; length <= other.length; length += 1) expect(index.match(other.slice(0, length))).toBe(Math.min(found, length));
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
