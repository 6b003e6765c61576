import { describe, expect, it } from 'vitest';
import { unpackJson } from './unpack-json.ts';

describe('JSON in a text', () => {
  it('is taken out where it is an object or a list', () => {
    expect(unpackJson(' {"a":[1]}')).toEqual({ a: [1] });
    expect(unpackJson('[1]')).toEqual([1]);
  });

  it('stays a text where it is a word, a number, or broken', () => {
    expect(unpackJson('12')).toBe('12');
    expect(unpackJson('[citation] says so')).toBe('[citation] says so');
    expect(unpackJson({ a: 1 })).toEqual({ a: 1 });
  });
});
