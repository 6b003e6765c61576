import { describe, expect, it } from 'vitest';
import type { AnsweredRow } from '../evaluator.ts';
import { createContains } from './contains.ts';

const signal = new AbortController().signal;
const row = (answer: string, expected?: string): AnsweredRow => ({ input: 'q', expected, relevant: undefined, answer, passages: [] });

describe('contains', () => {
  it('finds the expected answer inside of the answer', async () => {
    const evaluator = createContains({ ignoreCase: true });

    expect(await evaluator.evaluate(row('It is SEOUL, of course.', 'seoul'), signal)).toMatchObject({ value: 1 });
    expect(await evaluator.evaluate(row('It is Busan.', 'seoul'), signal)).toMatchObject({ value: 0 });
    expect(await evaluator.evaluate(row('x'), signal)).toMatchObject({ type: 'not-applicable' });
  });
});
