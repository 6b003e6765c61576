import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judge } from '../../ports.ts';
import type { AnsweredRow } from '../evaluator.ts';
import { createFaithfulness } from './faithfulness.ts';

const signal = new AbortController().signal;
const row = (fields: Partial<AnsweredRow> = {}): AnsweredRow => ({
  input: 'Who wrote it?',
  expected: undefined,
  relevant: undefined,
  answer: 'Kim wrote it in 1999.',
  passages: [{ document: 'a.md', text: 'Kim wrote the book.' }],
  ...fields,
});

/** A judge that gives fixed replies in turn and remembers its prompts. */
function judgeOf(...replies: readonly string[]): Judge & { readonly prompts: string[] } {
  const prompts: string[] = [];
  return {
    prompts,
    ask: (prompt) => {
      prompts.push(prompt);
      return Promise.resolve(replies[prompts.length - 1] ?? 'nothing more to say');
    },
  };
}
const verdicts = (...values: readonly number[]): string => JSON.stringify({ statements: values.map((verdict) => ({ statement: 's', reason: 'r', verdict })) });

describe('faithfulness', () => {
  it('is the share of statements that the passages support', async () => {
    const judge = judgeOf('{"statements": ["Kim wrote it.", "It was written in 1999."]}', `Here you are: ${verdicts(1, 0)}`);

    expect(await createFaithfulness(judge).evaluate(row(), signal)).toEqual({ type: 'score', value: 0.5, reason: '1 of 2 statements are supported' });
    expect(judge.prompts[0]).toContain('Kim wrote it in 1999.');
    expect(judge.prompts[1]).toContain('Kim wrote the book.');
    expect(judge.prompts[1]).toContain('It was written in 1999.');
  });

  it('asks once more when a reply is not readable', async () => {
    const judge = judgeOf('Hm.', '{"statements": ["a"]}', '{"statements": []}', verdicts(1));

    expect(await createFaithfulness(judge).evaluate(row(), signal)).toMatchObject({ type: 'score', value: 1 });
  });

  it('is missing, and never 0, when the judge can not be read', async () => {
    expect(await createFaithfulness(judgeOf('Hm.', 'Hm.')).evaluate(row(), signal)).toEqual({
      type: 'missing',
      reason: 'the judge did not reply with readable statements',
    });
    expect(await createFaithfulness(judgeOf('["a", "b"]', verdicts(1), verdicts(1, 0, 1))).evaluate(row(), signal)).toEqual({
      type: 'missing',
      reason: 'the judge did not reply with readable verdicts on 2 statements',
    });
  });

  it('is not applicable to an answer that states nothing', async () => {
    expect(await createFaithfulness(judgeOf('{"statements": []}')).evaluate(row({ answer: 'I do not know.' }), signal)).toMatchObject({
      type: 'not-applicable',
    });
    expect(await createFaithfulness(judgeOf()).evaluate(row({ answer: ' ' }), signal)).toMatchObject({ type: 'not-applicable' });
  });

  it('is 0 for facts that rest on no passage, with the reason', async () => {
    expect(await createFaithfulness(judgeOf('["a"]')).evaluate(row({ passages: [] }), signal)).toMatchObject({
      value: 0,
      reason: 'the answer states 1 facts and rests on no passage',
    });
  });

  it('lets the error of a judge rise', async () => {
    const judge: Judge = { ask: () => Promise.reject(new TypeError('down')) };

    await expect(createFaithfulness(judge).evaluate(row(), signal)).rejects.toThrow('down');
  });

  it('is between 0 and 1 or missing, whatever the judge says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json(), fc.constantFrom('["a"]', verdicts(1), verdicts(0))), { maxLength: 4 }), async (replies) => {
        const verdict = await createFaithfulness(judgeOf(...replies)).evaluate(row(), signal);
        if (verdict.type === 'score') expect([0, 1]).toContain(Math.ceil(verdict.value));
        else expect(verdict.reason).not.toBe('');
      }),
    );
  });
});
