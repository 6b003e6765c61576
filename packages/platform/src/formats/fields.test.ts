import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { Fields } from './fields.ts';

const fields = (value: unknown): Fields => new Fields(value, 'at');
const paramOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

describe('Fields', () => {
  const all = { s: 's', n: 1.5, i: 3, b: false, o: { a: 1 }, l: [1], ss: ['a'], e: 'x', nothing: null };

  it('reads each type', () => {
    const read = fields(all);

    expect([read.string('s'), read.number('n'), read.integer('i', 1), read.boolean('b')]).toEqual(['s', 1.5, 3, false]);
    expect([read.object('o'), read.list('l'), read.strings('ss'), read.oneOf('e', ['x', 'y'])]).toEqual([{ a: 1 }, [1], ['a'], 'x']);
  });

  it('takes null for absent', () => {
    expect(fields(all).string('nothing')).toBeUndefined();
    expect(fields(all).has('nothing')).toBe(false);
    expect(fields(all).value('missing')).toBeUndefined();
  });

  it.each([
    ['a number for a string', () => fields(all).string('n'), 'at.n'],
    ['a fraction for a whole number', () => fields(all).integer('n', 0), 'at.n'],
    ['less than the least', () => fields(all).integer('i', 4), 'at.i'],
    ['infinity', () => fields({ n: Number.POSITIVE_INFINITY }).number('n'), 'at.n'],
    ['a list for an object', () => fields(all).object('l'), 'at.l'],
    ['an object for a list', () => fields(all).list('o'), 'at.o'],
    ['numbers for strings', () => fields(all).strings('l'), 'at.l'],
    ['a value that is not allowed', () => fields(all).oneOf('e', ['y']), 'at.e'],
    ['a text for true', () => fields(all).boolean('s'), 'at.s'],
    ['a missing text', () => fields(all).requiredString('missing'), 'at.missing'],
    ['a text for the whole', () => fields('x'), 'at'],
    ['a list for the whole', () => new Fields([], ''), 'body'],
  ])('refuses %s, naming the field', (_name, run, param) => {
    expect(paramOf(run)).toBe(param);
  });

  it('leaves what nobody asked for in the rest', () => {
    const read = fields({ a: 1, b: 2, c: null });
    read.value('a');

    expect(read.rest()).toEqual({ b: 2 });
    read.value('b');
    expect(read.rest()).toBeUndefined();
  });
});
