import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#time';
import { promptFactsOf } from '../prompt-facts.ts';
import { checkClassifier } from './check-classifier.ts';
import { builtInClassifier, complexityOf, difficultyOf } from './classifier.ts';
import { promptFeatures } from './prompt-features.ts';
import { readTrainingRows } from './read-training-rows.ts';
import { trainClassifier } from './train-classifier.ts';

const classOf = (text: string, more: object = {}): string => promptFactsOf({ messages: [{ role: 'user', content: text }], ...more }).complexity();

describe('difficulty', () => {
  it.each([
    'Hi',
    'What is the capital of France?',
    'Translate "good morning" into German.',
    'How do I list models?',
    'Who wrote Hamlet, and when?',
    '안녕하세요',
    '프랑스의 수도는 어디인가요?',
  ])('is low: %s', (text) => {
    expect(classOf(text)).toBe('simple');
  });

  it.each([
    'Design a ledger for two databases that never charges twice, compare the trade-offs, and prove that it is correct when a process dies between any two writes.',
    'Why does quicksort beat heapsort in practice although its worst case is worse? Explain the effect of caches step by step and give numbers.',
    '분산 락을 리스로 구현할 때 시계 오차가 안전성을 깨는 경우를 증명하고 해결책을 비교해 줘.',
  ])('is high: %s', (text) => {
    expect(classOf(text)).toBe('complex');
  });

  it('follows the thresholds', () => {
    const classifier = { bias: 0, weights: {}, thresholds: [0.3, 0.6] };
    expect([0, 0.29, 0.3, 0.59, 0.6, 1].map((difficulty) => complexityOf(difficulty, classifier))).toEqual([
      'simple',
      'simple',
      'moderate',
      'moderate',
      'complex',
      'complex',
    ]);
  });

  it('is from 0 to 1 for any text, in a short time, also for one that is made to hurt a pattern', () => {
    const texts = [
      '',
      '?'.repeat(1e6),
      '```'.repeat(1e5),
      `function ${'a'.repeat(1e5)}`,
      '- '.repeat(1e5),
      '\n'.repeat(1e5),
      '\ud800'.repeat(1000),
      '1.'.repeat(1e5),
      'race '.repeat(1e5),
    ];
    for (const text of texts) {
      const difficulty = difficultyOf(promptFeatures({ promptTokens: 10, turns: 1, tools: false, images: false, text }), builtInClassifier());
      expect(difficulty >= 0 && difficulty <= 1).toBe(true);
    }
  });

  it('has features in bounds whatever is asked', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.nat(8000), fc.integer({ min: 1, max: 500 }), fc.boolean(), (text, promptTokens, turns, flag) => {
        for (const value of Object.values(promptFeatures({ text, promptTokens, turns, tools: flag, images: flag }))) expect(value >= 0 && value < 6).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('says what it was trained on', () => {
    expect(builtInClassifier().source).toContain('bench/tiers/labelled.jsonl');
  });
});

describe('training', () => {
  const line = (row: object): string => JSON.stringify(row);

  it('learns what tells the rows apart, and gives the same weights for the same rows', () => {
    const random = createRandom(7);
    const rows = Array.from({ length: 200 }, () => {
      const signal = random();
      return { features: { signal, noise: random() }, hard: signal > 0.6 };
    });
    const classifier = trainClassifier(rows, { source: 'test' });

    expect(trainClassifier(rows, { source: 'test' })).toEqual(classifier);
    expect(classifier.weights['signal'] ?? 0).toBeGreaterThan(5 * Math.abs(classifier.weights['noise'] ?? 0));
    expect(checkClassifier(rows, classifier).accuracy).toBeGreaterThan(0.93);
  });

  it('weighs both kinds alike when one of them is rare', () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ features: { signal: index < 5 ? 1 : 0 }, hard: index < 5 }));
    const check = checkClassifier(rows, trainClassifier(rows, { source: 'test' }));

    expect(check).toEqual({ hard: 5, easy: 95, hardAsEasy: 0, easyAsHard: 0, accuracy: 1 });
  });

  it('reads labels, and scores of a judge', () => {
    const rows = readTrainingRows(
      [
        line({ prompt: 'Hi', hard: false }),
        '',
        line({ messages: [{ role: 'user', content: 'Prove it.' }], scores: { small: 0.2, big: 0.9 } }),
        line({ prompt: 'Hello', scores: { small: 0.85, big: 0.9 } }),
      ].join('\n'),
    );

    expect(rows.map((row) => row.hard)).toEqual([false, true, false]);
    expect(rows[1]?.features['reason']).toBeGreaterThan(0);
  });

  it.each([
    ['{"prompt":"x","hard":true}\n{nonsense', /line 2 of the training file is not JSON/],
    ['{"hard":true}', /line 1 .* needs "prompt" or "messages"/],
    ['{"prompt":"x"}', /line 1 .* needs "hard" or "scores"/],
    ['{"prompt":5,"hard":true}', /line 1 .* wrong type: prompt/],
    ['{"prompt":"x","hard":true}', /needs rows of both kinds/],
    ['', /has 0 rows/],
  ])('says what is wrong with a file: %s', (text, message) => {
    expect(() => readTrainingRows(text)).toThrow(message);
  });
});
