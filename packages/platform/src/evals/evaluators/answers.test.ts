import { describe, expect, it } from 'vitest';
import { createContains } from './contains/contains.ts';
import { createEvaluators } from './create-evaluators.ts';
import type { AnsweredRow } from './evaluator.ts';
import { createExactMatch } from './exact-match/exact-match.ts';
import { createHit } from './hit/hit.ts';
import { createJsonMatch } from './json-match/json-match.ts';

const signal = new AbortController().signal;
const row = (answer: string, expected?: string, fields: Partial<AnsweredRow> = {}): AnsweredRow => ({
  input: 'q',
  expected,
  relevant: undefined,
  answer,
  passages: [],
  ...fields,
});

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

describe('contains', () => {
  it('finds the expected answer inside of the answer', async () => {
    const evaluator = createContains({ ignoreCase: true });

    expect(await evaluator.evaluate(row('It is SEOUL, of course.', 'seoul'), signal)).toMatchObject({ value: 1 });
    expect(await evaluator.evaluate(row('It is Busan.', 'seoul'), signal)).toMatchObject({ value: 0 });
    expect(await evaluator.evaluate(row('x'), signal)).toMatchObject({ type: 'not-applicable' });
  });
});

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

describe('hit', () => {
  it('is not applicable to a row that names nothing relevant', async () => {
    expect(await createHit({ k: 5 }).evaluate(row('a', 'b', { relevant: [] }), signal)).toMatchObject({ type: 'not-applicable' });
  });
});

describe('the evaluators of an evaluation', () => {
  it('are told apart by name; one type may stand several times with another depth', () => {
    const names = createEvaluators(
      [
        { type: 'hit', k: 1 },
        { type: 'hit', k: 5 },
        { type: 'ndcg', k: 10 },
        { type: 'mrr', k: 10 },
        { type: 'json-match' },
        { type: 'exact-match', ignoreCase: true },
        { type: 'faithfulness', judge: 'j' },
        { type: 'context-precision', judge: 'j' },
      ],
      () => ({ ask: () => Promise.resolve('') }),
    ).map((evaluator) => evaluator.name);

    expect(names).toEqual(['hit@1', 'hit@5', 'ndcg@10', 'mrr@10', 'json-match', 'exact-match', 'faithfulness', 'context-precision']);
  });

  it('are refused when one is listed twice or lacks its judge', () => {
    const hit = { type: 'hit' as const, k: 5 };

    expect(() => createEvaluators([hit, hit], undefined)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(() => createEvaluators([{ type: 'context-precision', judge: 'j' }], undefined)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
