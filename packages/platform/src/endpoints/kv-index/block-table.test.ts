import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockTable } from './block-table.ts';

const TWO_32 = 0x1_0000_0000;
/** Many in one part, many with the same upper 40 bits, and both ends of what a part keeps. */
const hash = fc
  .record({ part: fc.constantFrom(0, 1, 65_535), low: fc.oneof(fc.nat(600), fc.nat({ max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff)) })
  .map(({ part, low }) => part * TWO_32 + low);

describe('a table of blocks', () => {
  it('agrees with a plain map, whatever is put and forgotten', () => {
    const step = fc.record({ hash, set: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
        const table = new BlockTable();
        const model = new Map<number, number>();
        for (const { hash: at, set } of steps) {
          table.put(at, set);
          if (set === 0) model.delete(at);
          else model.set(at, set);
        }

        expect(table.size).toBe(model.size);
        for (const { hash: at } of steps) expect(table.get(at)).toBe(model.get(at) ?? 0);
        for (const { hash: at } of steps.slice(0, 60)) {
          const upper = Math.floor(at / 256);
          const found: number[] = [];
          for (let next = table.withUpperBits(upper); next >= 0; next = table.withUpperBits(upper, next)) found.push(next);
          expect(found).toEqual([...model.keys()].filter((key) => Math.floor(key / 256) === upper).sort((a, b) => a - b));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keeps tens of thousands in one part, whether they come in order or not', () => {
    const table = new BlockTable();
    for (let block = 0; block < 20_000; block += 1) table.put(Math.imul(block, 0x9e3779b1) >>> 0, 1 + (block % 7));
    for (let block = 0; block < 2000; block += 1) table.put(TWO_32 + block, 9);
    for (let block = 0; block < 20_000; block += 2) table.put(Math.imul(block, 0x9e3779b1) >>> 0, 0);

    expect(table.size).toBe(12_000);
    for (let block = 0; block < 20_000; block += 1) expect(table.get(Math.imul(block, 0x9e3779b1) >>> 0)).toBe(block % 2 === 0 ? 0 : 1 + (block % 7));
    expect(table.get(TWO_32 + 1999)).toBe(9);
  });
});
