import { describe, expect, it } from 'vitest';
import type { AnsweredRow } from '../evaluator.ts';
import { createJsonMatch } from './json-match.ts';

const signal = new AbortController().signal;
const row = (answer: string, expected?: string): AnsweredRow => ({ input: 'q', expected, relevant: undefined, answer, passages: [] });

describe('json-match', () => {
  const evaluator = createJsonMatch();

  it.each([
    ['Here: ```json\n{"b": [1, {"c": null}], "a": 1.0}\n```', '{"a": 1, "b": [1, {"c": null}]}', 1],
    ['{"a": 1, "b": 2}', '{"a": 1}', 0],
    ['[2, 1]', '[1, 2]', 0],
    ['no json', '{"a": 1}', 0],
  ])('compares %j with %j: %d', async (answer, expected, value) => {
    expect(await evaluator.evaluate(row(answer, expected), signal)).toMatchObject({ type: 'score', value });
  });

  it('is not applicable when nothing comparable is expected', async () => {
    expect(await evaluator.evaluate(row('{}', 'plain words'), signal)).toMatchObject({ type: 'not-applicable' });
    expect(await evaluator.evaluate(row('{}'), signal)).toMatchObject({ type: 'not-applicable' });
  });
});
