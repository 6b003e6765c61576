import { describe, expect, it } from 'vitest';
import { fallbackChain } from './fallback-chain.ts';

const chainOf = (...[first, rules]: [string, Parameters<typeof fallbackChain>[1]]): string[] => fallbackChain([first], rules).map((link) => link.name);

describe('fallback chain', () => {
  it('is empty without rules', () => {
    expect(chainOf('a', [])).toEqual([]);
    expect(chainOf('a', [{ from: 'b', to: ['c'] }])).toEqual([]);
  });

  it('goes through the rules of each name in turn', () => {
    expect(
      chainOf('a', [
        { from: 'b', to: ['d'] },
        { from: 'a', to: ['b', 'c'] },
        { from: 'c', to: ['a', 'e'] },
      ]),
    ).toEqual(['b', 'c', 'd', 'e']);
  });

  it('never comes back to a name, and ends', () => {
    expect(chainOf('a', [{ to: ['a', 'b', 'a', 'b'] }])).toEqual(['b']);
    const ring = Array.from({ length: 40 }, (_, index) => ({ from: `m${index}`, to: [`m${(index + 1) % 40}`] }));

    expect(chainOf('m0', ring)).toHaveLength(15);
  });

  it('says behind whom a name stands, and never names those that it begins with', () => {
    expect(
      fallbackChain(
        ['a', 'b'],
        [
          { from: 'b', to: ['a', 'c'] },
          { from: 'c', to: ['d'] },
        ],
      ),
    ).toEqual([
      { name: 'c', of: 'b' },
      { name: 'd', of: 'c' },
    ]);
  });
});
