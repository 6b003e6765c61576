import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { starOf } from './wildcards.ts';

describe('a name with a star', () => {
  it('stands for what the star covers', () => {
    expect(starOf('openai/*', 'openai/gpt-4o')).toBe('gpt-4o');
    expect(starOf('*', 'gpt-4o')).toBe('gpt-4o');
    expect(starOf('team-*-eu', 'team-red-eu')).toBe('red');
  });

  it('does not fit another name, an empty star, or a pattern without a star', () => {
    expect(starOf('openai/*', 'anthropic/claude')).toBeUndefined();
    expect(starOf('openai/*', 'openai/')).toBeUndefined();
    expect(starOf('ab*ba', 'aba')).toBeUndefined();
    expect(starOf('gpt-4o', 'gpt-4o')).toBeUndefined();
  });

  it('gives back the name when it is put in again', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (before, after, star) => {
        fc.pre(!before.includes('*'));
        expect(starOf(`${before}*${after}`, `${before}${star}${after}`)).toBe(star);
      }),
    );
  });
});
