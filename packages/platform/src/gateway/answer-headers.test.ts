import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costHeader, toHeaderText } from './answer-headers.ts';

describe('toHeaderText', () => {
  it('never holds anything that ends a header, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toHeaderText(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  it('keeps plain text and encodes the rest', () => {
    expect(toHeaderText('short and simple: reader')).toBe('short and simple: reader');
    expect(decodeURIComponent(toHeaderText('짧은 질문'))).toBe('짧은 질문');
    expect(toHeaderText('a\r\nset-cookie: x')).toBe('a%0D%0Aset-cookie: x');
  });
});

describe('costHeader', () => {
  it.each([
    [0, '0'],
    [1, '0.000000001'],
    [1_500_000, '0.0015'],
    [2_000_000_000, '2'],
    [100_000_000_000, '100'],
  ])('writes %i nano-dollars as plain decimal dollars', (nano, text) => {
    expect(costHeader(nano)).toEqual({ 'x-maru-cost-usd': text });
  });

  it('says nothing when no price is known', () => {
    expect(costHeader(null)).toEqual({});
  });
});
