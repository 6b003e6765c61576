import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRange } from './cut-range.ts';

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 3000 }),
  fc
    .array(fc.constantFrom('GPU', 'node.', 'drain\n\n', '노드를 비웁니다.', '파드', '再起動。', '👩‍👩‍👧‍👦', '\n', '  ', 'e\u0301', 'x'.repeat(90)), {
      maxLength: 300,
    })
    .map((words) => words.join(' ')),
  fc.array(fc.constantFrom('가', '나', '漢', '𠮷', '👍🏽'), { maxLength: 600 }).map((characters) => characters.join('')),
);
const limits = fc.record({ size: fc.integer({ min: 20, max: 400 }), overlap: fc.integer({ min: 0, max: 500 }) });

describe('cutRange', () => {
  it('covers the range in order, with pieces that are never too long and overlap by no more than asked', () => {
    fc.assert(
      fc.property(texts, limits, (text, { size, overlap }) => {
        const pieces = cutRange(text, { start: 0, end: text.length }, { size, overlap });

        let covered = 0;
        for (const piece of pieces) {
          expect(piece.start).toBeLessThanOrEqual(covered);
          expect(covered - piece.start).toBeLessThanOrEqual(Math.min(overlap, size / 4));
          expect(piece.end).toBeGreaterThan(covered);
          expect(piece.end - piece.start).toBeLessThanOrEqual(size);
          covered = piece.end;
        }
        expect(covered).toBe(text.length);
      }),
      { numRuns: 300 },
    );
  });

  it('never parts a surrogate pair', () => {
    fc.assert(
      fc.property(texts, limits, (text, { size, overlap }) => {
        const whole = text.isWellFormed();
        for (const piece of cutRange(text, { start: 0, end: text.length }, { size, overlap }))
          expect(text.slice(piece.start, piece.end).isWellFormed() || !whole).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('puts the pieces back together without overlap', () => {
    const text = 'One sentence. Another one! 세 번째 문장입니다. '.repeat(40);

    const pieces = cutRange(text, { start: 0, end: text.length }, { size: 100, overlap: 0 });

    expect(pieces.map((piece) => text.slice(piece.start, piece.end)).join('')).toBe(text);
  });

  it('prefers the end of a paragraph to that of a sentence, and that to a word', () => {
    const text = `${'word '.repeat(12)}end. more words follow here\n\nNext paragraph ${'again '.repeat(30)}`;

    const [first] = cutRange(text, { start: 0, end: text.length }, { size: 110, overlap: 0 });

    expect(text.slice(0, first?.end)).toMatch(/here\n\n$/);
  });

  it('begins a piece with a whole word where there are words', () => {
    const text = 'alpha beta gamma delta epsilon zeta eta theta iota kappa '.repeat(20);

    const pieces = cutRange(text, { start: 0, end: text.length }, { size: 120, overlap: 30 });

    for (const piece of pieces.slice(1)) expect(text[piece.start - 1]).toMatch(/\s/);
  });
});
