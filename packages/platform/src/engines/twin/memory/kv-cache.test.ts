import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvCache } from './kv-cache.ts';

const cacheOf = (blocks: number, prefixCaching = true): KvCache => new KvCache({ blocks, blockSize: 4, prefixCaching });

/** Opens a table for a whole prompt and publishes its blocks, as the engine does when they are computed. */
function take(cache: KvCache, hashes: readonly number[]): { table: number[]; cached: number } | undefined {
  const table: number[] = [];
  const cached = cache.match(hashes, hashes.length);
  if (!cache.open(table, hashes, { cached, total: hashes.length })) return undefined;
  for (const [index, hash] of hashes.entries()) cache.publish(table[index] ?? 0, hash);
  return { table, cached };
}

describe('KV cache', () => {
  it('finds the leading blocks of an earlier prompt and stops at the first that differs', () => {
    const cache = cacheOf(8);
    const first = take(cache, [1, 2, 3]);
    cache.release(first?.table ?? []);

    expect(cache.match([1, 2, 9, 3], 4)).toBe(2);
    expect(cache.match([9, 2, 3], 3)).toBe(0);
    expect(cache.match([1, 2, 3], 2)).toBe(2);
  });

  it('shares a block among those that use it', () => {
    const cache = cacheOf(4);
    const first = take(cache, [1, 2]);

    const second = take(cache, [1, 3]);

    expect(second?.table[0]).toBe(first?.table[0]);
    expect(cache.referencesOf(first?.table[0] ?? 0)).toBe(2);
    expect(cache.freeBlocks).toBe(1);
  });

  it('keeps what is free findable until it is needed, and gives the end of the oldest prompt away first', () => {
    const cache = cacheOf(3);
    const old = take(cache, [1, 2, 3]);
    cache.release(old?.table ?? []);

    const next = take(cache, [7]);

    expect(next?.cached).toBe(0);
    expect(cache.match([1, 2, 3], 3)).toBe(2);
  });

  it('changes nothing when there are not enough blocks', () => {
    const cache = cacheOf(3);
    take(cache, [1, 2]);
    const table: number[] = [];

    expect(cache.open(table, [1, 2, 3, 4], { cached: 2, total: 4 })).toBe(false);
    expect(cache.grow(table, 2)).toBe(false);

    expect(table).toEqual([]);
    expect(cache.freeBlocks).toBe(1);
  });

  it('does not count free cached blocks twice when it looks for room', () => {
    const cache = cacheOf(3);
    const old = take(cache, [1, 2]);
    cache.release(old?.table ?? []);
    const table: number[] = [];

    expect(cache.open(table, [1, 2, 3, 4], { cached: 2, total: 4 })).toBe(false);
    expect(cache.match([1, 2], 2)).toBe(2);
  });

  it('finds nothing when prefix caching is off', () => {
    const cache = cacheOf(4, false);
    const first = take(cache, [1, 2]);
    cache.release(first?.table ?? []);

    expect(cache.match([1, 2], 2)).toBe(0);
    expect(cache.cachedBlocks).toBe(0);
  });

  it('never loses or doubles a block, and never counts below zero, whatever is done', () => {
    const prompt = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 }).map(chainOf);
    const step = fc.oneof(fc.record({ take: prompt }), fc.record({ release: fc.nat(9) }), fc.record({ grow: fc.nat(9) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 60 }), (blocks, steps) => {
        const cache = cacheOf(blocks);
        const tables: number[][] = [];
        for (const action of steps) {
          if ('take' in action) {
            const taken = take(cache, action.take);
            if (taken === undefined) continue;
            expect(taken.cached).toBeLessThanOrEqual(action.take.length);
            expect(taken.table).toHaveLength(action.take.length);
            tables.push(taken.table);
          } else if ('grow' in action) {
            const table = tables[action.grow % Math.max(1, tables.length)];
            if (table !== undefined) cache.grow(table, table.length + 1);
          } else {
            const [table] = tables.splice(action.release % Math.max(1, tables.length), 1);
            if (table !== undefined) cache.release(table);
          }
          expectConserved(cache, tables);
        }
        for (const table of tables) cache.release(table);
        expect(cache.freeBlocks).toBe(blocks);
      }),
      { numRuns: 150 },
    );
  });
});

/** Every block is free or held; a block has as many references as tables hold it; no table holds a block twice. */
function expectConserved(cache: KvCache, tables: readonly number[][]): void {
  const held = new Map<number, number>();
  for (const table of tables) {
    expect(new Set(table).size).toBe(table.length);
    for (const block of table) held.set(block, (held.get(block) ?? 0) + 1);
  }
  expect(cache.freeBlocks + held.size).toBe(cache.blocks);
  for (let block = 0; block < cache.blocks; block += 1) expect(cache.referencesOf(block)).toBe(held.get(block) ?? 0);
  expect(cache.cachedBlocks).toBeLessThanOrEqual(cache.blocks);
}

/** Chained hashes: equal numbers at one place only count as equal after equal beginnings. */
function chainOf(parts: readonly number[]): number[] {
  let hash = 1;
  return parts.map((part) => {
    hash = hash * 7 + part + 1;
    return hash;
  });
}
