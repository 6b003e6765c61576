import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DIMENSIONS, embedText } from './embed-text.ts';

const cosine = (left: Float32Array, right: Float32Array): number => left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

describe('embedText', () => {
  it('gives the same vector for the same text, and one of length one for any text with a letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), fc.integer({ min: 16, max: 1024 }), (noise, dimensions) => {
        const vector = embedText(`letter ${noise}`, dimensions);

        expect(vector).toHaveLength(dimensions);
        expect(vector).toEqual(embedText(`letter ${noise}`, dimensions));
        expect(cosine(vector, vector)).toBeCloseTo(1, 4);
      }),
      { numRuns: 100 },
    );
  });

  it('places forms of a word near each other', () => {
    const query = embedText('scheduling GPUs');

    expect(cosine(query, embedText('the scheduler schedules a GPU'))).toBeGreaterThan(cosine(query, embedText('prices of instances')) + 0.1);
  });

  it('places Korean words with other particles near each other', () => {
    const query = embedText('스팟 인스턴스 중단');

    expect(cosine(query, embedText('스팟 인스턴스가 중단되면 노드를 비운다'))).toBeGreaterThan(cosine(query, embedText('데이터베이스 백업 절차')) + 0.2);
  });

  it('ignores case, width and composition', () => {
    expect(embedText('ＧＰＵ 노드')).toEqual(embedText('gpu 노드'.normalize('NFD')));
  });

  it('gives zeros for a text without words', () => {
    expect(embedText(' … !').every((value) => value === 0)).toBe(true);
    expect(embedText('')).toHaveLength(DEFAULT_DIMENSIONS);
  });
});
