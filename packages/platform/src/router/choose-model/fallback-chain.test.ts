import { describe, expect, it } from 'vitest';
import { fallbackChain } from './fallback-chain.ts';

describe('fallback chain', () => {
  it('is empty without rules', () => {
    expect(fallbackChain('a', [])).toEqual([]);
    expect(fallbackChain('a', [{ from: 'b', to: ['c'] }])).toEqual([]);
  });

  it('goes through the rules of each name in turn', () => {
    expect(
      fallbackChain('a', [
        { from: 'b', to: ['d'] },
        { from: 'a', to: ['b', 'c'] },
        { from: 'c', to: ['a', 'e'] },
      ]),
    ).toEqual(['b', 'c', 'd', 'e']);
  });

  it('never comes back to a name, and ends', () => {
    expect(fallbackChain('a', [{ to: ['a', 'b', 'a', 'b'] }])).toEqual(['b']);
    const ring = Array.from({ length: 40 }, (_, index) => ({ from: `m${index}`, to: [`m${(index + 1) % 40}`] }));

    expect(fallbackChain('m0', ring)).toHaveLength(15);
  });
});
