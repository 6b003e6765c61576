import { describe, expect, it } from 'vitest';
import { createOutputLengths } from './output-lengths.ts';

describe('output lengths', () => {
  it('begin with a guess, never above what the request allows', () => {
    const lengths = createOutputLengths();

    expect([lengths.expected('m', undefined), lengths.expected('m', 10), lengths.expected('m', 1000)]).toEqual([256, 10, 256]);
  });

  it('come near to what a model gives, each model for itself', () => {
    const lengths = createOutputLengths();
    for (let turn = 0; turn < 200; turn += 1) lengths.learn('short', 20);

    expect(Math.round(lengths.expected('short', undefined))).toBe(20);
    expect(lengths.expected('other', undefined)).toBe(256);
  });

  it('forget the oldest of too many models', () => {
    const lengths = createOutputLengths();
    for (let number = 0; number < 1100; number += 1) lengths.learn(`m${number}`, 0);

    expect(lengths.expected('m0', undefined)).toBe(256);
    expect(lengths.expected('m1099', undefined)).toBeLessThan(256);
  });
});
