import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineBlocks } from './engine-blocks.ts';

describe('the names that an engine has for its blocks', () => {
  it('agree with a plain map, whatever is put and deleted', () => {
    const step = fc.record({
      part: fc.constantFrom(0, 1023, 1024),
      fingerprint: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 0xffff_ffff })),
      reference: fc.option(fc.nat({ max: 2 ** 40 - 1 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
        const blocks = new EngineBlocks();
        const model = new Map<string, number>();
        const nameOf = ({ part, fingerprint }: { part: number; fingerprint: number }): string => `${part % 1024} ${fingerprint}`;
        for (const { reference, ...key } of steps) {
          if (reference === null) blocks.delete(key);
          else blocks.put(key, reference);
          if (reference === null) model.delete(nameOf(key));
          else model.set(nameOf(key), reference);
        }

        expect(blocks.size).toBe(model.size);
        for (const key of steps) expect(blocks.get(key)).toBe(model.get(nameOf(key)) ?? -1);
        expect([...blocks.references()].sort()).toEqual([...model.values()].sort());
      }),
      { numRuns: 30 },
    );
  });
});
