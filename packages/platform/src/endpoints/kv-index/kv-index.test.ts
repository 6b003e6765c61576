import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { promptKeys } from './block-keys.ts';
import { KvIndex } from './kv-index.ts';

const hashOf = (block: number): number => promptKeys([block, block * 7 + 1], 2)[0] ?? 0;

describe('the index of blocks', () => {
  it('agrees with a plain map of sets, whatever is added and removed', () => {
    const step = fc.record({ holder: fc.nat(69), block: fc.nat(300), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 800 }), (steps) => {
        const index = new KvIndex({ maxPairs: 1e6 });
        const holders = Array.from({ length: 70 }, () => index.addHolder());
        const model = new Map<number, Set<number>>();
        for (const { holder, block, remove } of steps) {
          const held = model.get(block) ?? model.set(block, new Set()).get(block);
          expect(remove ? index.remove(holders[holder] ?? 0, hashOf(block)) : index.add(holders[holder] ?? 0, hashOf(block))).toBe(
            remove ? held?.delete(holder) : held?.has(holder) === false,
          );
          if (!remove) held?.add(holder);
        }
        expect(index.pairs).toBe([...model.values()].reduce((sum, held) => sum + held.size, 0));
        expect(index.blocks).toBe([...model.values()].filter((held) => held.size > 0).length);
        for (const [block, held] of model) for (const holder of [0, 1, 31, 32, 69]) expect(index.has(holder, hashOf(block))).toBe(held.has(holder));
      }),
      { numRuns: 60 },
    );
  });

  it('tells the longest beginning that each holder has, as a walk per holder does', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), { minLength: 1, maxLength: 40 }), (held) => {
        const index = new KvIndex({ maxPairs: 1e6 });
        const hashes = Float64Array.from({ length: 20 }, (_, block) => hashOf(block));
        for (const blocks of held) {
          const holder = index.addHolder();
          for (const [block, has] of blocks.entries()) if (has) index.add(holder, hashes[block] ?? 0);
        }
        const depths = new Uint32Array(64);
        index.depths(hashes, depths);
        for (const [holder, blocks] of held.entries()) {
          const first = blocks.indexOf(false);
          expect(depths[holder]).toBe(first < 0 ? 20 : first);
          expect(index.depthOf(holder, hashes)).toBe(depths[holder]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lets go of a holder that has left little by little, and gives its number again only then', () => {
    const index = new KvIndex({ maxPairs: 1e6 });
    const [gone, stays] = [index.addHolder(), index.addHolder()];
    for (let block = 0; block < 1000; block += 1) {
      index.add(gone, hashOf(block));
      if (block % 2 === 0) index.add(stays, hashOf(block));
    }

    index.leave(
      [gone],
      Array.from({ length: 1000 }, (_, block) => Math.floor(hashOf(block) / 256)),
    );
    expect(index.sweep(400)).toBe(true);
    expect(index.addHolder()).not.toBe(gone);
    while (index.sweep(400));

    expect(index.pairs).toBe(500);
    expect(index.blocks).toBe(500);
    expect(index.addHolder()).toBe(gone);
  });

  it('takes no more than its bound', () => {
    const index = new KvIndex({ maxPairs: 3 });
    const holder = index.addHolder();

    expect([1, 2, 3, 4].map((block) => index.add(holder, hashOf(block)))).toEqual([true, true, true, undefined]);
    index.remove(holder, hashOf(1));
    expect(index.add(holder, hashOf(4))).toBe(true);
  });
});

describe('the keys of blocks', () => {
  const tokens = Array.from({ length: 64 }, (_, index) => index * 3);

  it('differ with anything before a block, and not with what follows it', () => {
    const keys = promptKeys(tokens, 16);
    const other = promptKeys([...tokens.slice(0, 20), 9999, ...tokens.slice(21)], 16);

    expect(keys).toHaveLength(4);
    expect(other[0]).toBe(keys[0]);
    expect([1, 2, 3].map((block) => other[block] === keys[block])).toEqual([false, false, false]);
    expect(promptKeys(tokens.slice(0, 63), 16)).toEqual(keys.slice(0, 3));
  });

  it('are others for an adapter and for a salt', () => {
    const all = [{}, { lora: 'a' }, { lora: 'b' }, { salt: 'a' }, { lora: 'a', salt: 's' }].map((keys) => promptKeys(tokens, 16, keys)[3]);

    expect(new Set(all).size).toBe(5);
  });

  it('are integers below 2^48', () => {
    for (const key of promptKeys(
      Array.from({ length: 4000 }, (_, index) => index),
      4,
    ))
      expect(key).toBe(Math.floor(key % 2 ** 48));
  });
});
