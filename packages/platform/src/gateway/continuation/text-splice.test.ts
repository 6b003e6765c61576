import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextSplice } from './text-splice.ts';

const pass = (pieces: readonly string[], options: { echo?: string; space?: string }): string => {
  const splice = new TextSplice({ echo: options.echo ?? '', space: options.space ?? '' });
  return pieces.map((piece) => splice.push(piece)).join('');
};
/** A text cut into pieces anywhere. */
const pieces = fc.array(fc.string({ maxLength: 6 }), { maxLength: 12 });

describe('TextSplice', () => {
  it.each([
    ['nothing to take out', ['a', 'b'], {}, 'ab'],
    ['the beginning repeated', ['Hel', 'lo', ' you'], { echo: 'Hello' }, ' you'],
    ['the beginning repeated in one piece', ['Hello you'], { echo: 'Hello' }, ' you'],
    ['another beginning', ['Hello', ' you'], { echo: 'Hey' }, 'Hello you'],
    ['white space that was shown', [' ', 'you'], { space: ' ' }, 'you'],
    ['a part of it', ['\n', 'you'], { space: '\n\n' }, 'you'],
    ['no white space', ['you'], { space: ' ' }, 'you'],
    ['both', ['Hello', '\n', '\n', '\nyou'], { echo: 'Hello', space: '\n\n' }, '\nyou'],
    ['only white space', [' '], { space: '  ' }, ''],
  ])('leaves what is new: %s', (_name, given, options, expected) => {
    expect(pass(given, options)).toBe(expected);
  });

  it('takes a repeated beginning out wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ maxLength: 20 }), fc.nat(10), (echo, rest, size) => {
        const text = echo + rest;
        const cut = Array.from({ length: Math.ceil(text.length / (size + 1)) }, (_, index) => text.slice(index * (size + 1), (index + 1) * (size + 1)));

        expect(pass(cut, { echo })).toBe(rest);
      }),
    );
  });

  it('passes everything where nothing was held back', () => {
    fc.assert(
      fc.property(pieces, (given) => {
        expect(pass(given, {})).toBe(given.join(''));
      }),
    );
  });
});
