import { describe, expect, it } from 'vitest';
import type { AnsweredRow } from '../evaluator.ts';
import { createExactMatch } from './exact-match.ts';

const signal = new AbortController().signal;
const row = (answer: string, expected?: string): AnsweredRow => ({ input: 'q', expected, relevant: undefined, answer, passages: [] });

describe('exact-match', () => {
  const evaluator = createExactMatch({ ignoreCase: true });

  it.each([
    [' Seoul\n', 'seoul', 1],
    ['the  city', 'the city', 1],
    ['각', '각', 1],
    ['Seoul.', 'Seoul', 0],
  ])('compares %j with %j: %d', async (answer, expected, value) => {
    expect(await evaluator.evaluate(row(answer, expected), signal)).toMatchObject({ type: 'score', value });
  });

  it('minds case where asked, and is not applicable without an expected answer', async () => {
    expect(await createExactMatch({ ignoreCase: false }).evaluate(row('a', 'A'), signal)).toMatchObject({ value: 0 });
    expect(await evaluator.evaluate(row('a'), signal)).toMatchObject({ type: 'not-applicable' });
  });
});
