import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveBlocks } from './active-blocks.ts';

describe('active blocks', () => {
  it('count a shared block once, until the last prompt that has it is over', () => {
    const active = new ActiveBlocks();
    active.add([1, 2, 3]);
    active.add([1, 2, 9]);
    expect([active.size, active.match([1, 2, 9, 8]), active.match([7])]).toEqual([4, 3, 0]);

    active.remove([1, 2, 3]);

    expect([active.size, active.match([1, 2, 3])]).toEqual([3, 2]);
  });

  it('are none when all prompts are over', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20), { maxLength: 10 }), { maxLength: 20 }), (prompts) => {
        const active = new ActiveBlocks();
        for (const prompt of prompts) active.add(prompt);
        for (const prompt of prompts) active.remove(prompt);

        expect(active.size).toBe(0);
      }),
    );
  });
});
