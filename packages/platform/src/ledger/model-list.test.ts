import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModelList } from './model-list.ts';

const NONE = new Map<string, readonly string[]>();

describe('list of models', () => {
  it('allows all where it is absent, and nothing where it is empty', () => {
    expect(createModelList(undefined, NONE)('anything')).toBe(true);
    expect(createModelList([], NONE)('anything')).toBe(false);
  });

  it.each([
    ['gpt-*', 'gpt-5', true],
    ['gpt-*', 'my-gpt-5', false],
    ['*', 'x', true],
    ['openai/*-mini', 'openai/gpt-5-mini', true],
    ['openai/*-mini', 'openai/-mini', true],
    ['openai/*-mini', 'openai/gpt-5', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['auto', 'auto', true],
    ['auto', 'auto2', false],
    ['a.c', 'abc', false],
  ])('%s matches %s: %s', (pattern, name, expected) => {
    expect(createModelList([pattern], NONE)(name)).toBe(expected);
  });

  it('stands groups for their lists, also groups of groups, and ends at a circle', () => {
    const groups = new Map([
      ['fast', ['gpt-5-mini', 'claude-*']],
      ['all', ['fast', 'gpt-5']],
      ['loop', ['loop', 'x']],
    ]);
    const allows = createModelList(['all'], groups);

    expect(['gpt-5-mini', 'claude-haiku', 'gpt-5', 'o3'].map(allows)).toEqual([true, true, true, false]);
    expect(createModelList(['loop'], groups)('x')).toBe(true);
  });

  it('agrees with a regular expression on any text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), text, (pieces, name) => {
        const expected = new RegExp(`^${pieces.map((piece) => piece.replaceAll('/', '\\/')).join('.*')}$`).test(name);

        expect(createModelList([pieces.join('*')], NONE)(name)).toBe(expected);
      }),
    );
  });
});
