import { describe, expect, it } from 'vitest';
import { textFeatures } from './text-features.ts';

describe('text features', () => {
  it('counts a Hangul syllable as two characters', () => {
    expect([textFeatures('abc').length, textFeatures('가나다').length, textFeatures('').length]).toEqual([3, 6, 0]);
  });

  it('counts questions of both widths', () => {
    expect(textFeatures('Who? When? 왜？').questions).toBe(3);
  });

  it('counts items of lists and numbered steps', () => {
    expect(textFeatures('- one\n* two\n• three\n1. four\n2) five\nnot an item - here\n-no space').listItems).toBe(5);
  });

  it.each([
    ['```\nanything\n```', true],
    ['function add(a, b) { return a + b; }', true],
    ['def f(x):', true],
    ['SELECT name FROM users WHERE id = 3;', true],
    ['const f = (x) => x', true],
    ['if (a) {\n', true],
    ['Please return the book to the library.', false],
    ['The class begins at nine.', false],
    ['오늘 수업은 몇 시에 시작하나요?', false],
  ])('sees whether there is code: %s', (text, code) => {
    expect(textFeatures(text).code).toBe(code);
  });

  it.each([
    ['∫ x dx', true],
    ['\\frac{1}{2}', true],
    ['12 * 7', true],
    ['x ≥ 3', true],
    ['It was in 1999.', false],
  ])('sees whether there is mathematics: %s', (text, math) => {
    expect(textFeatures(text).math).toBe(math);
  });

  it('counts words that ask for thought in English and Korean, and not parts of other words', () => {
    expect(textFeatures('Why? Compare the trade-offs step by step.').reasoningWords).toBe(4);
    expect(textFeatures('왜 그런지 비교하고 원인을 분석해 줘').reasoningWords).toBe(4);
    expect(textFeatures('The planet is designed for explorers.').reasoningWords).toBe(0);
  });
});
