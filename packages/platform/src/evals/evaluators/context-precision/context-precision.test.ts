import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Judge } from '../../ports.ts';
import type { AnsweredRow } from '../evaluator.ts';
import golden from './__fixtures__/ragas-golden.json' with { type: 'json' };
import { averagePrecision } from './average-precision.ts';
import { createContextPrecision } from './context-precision.ts';

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
describe('context-precision', () => {
  const passages = ['one', 'two', 'three'].map((text) => ({ document: `${text}.md`, text }));

  it('is the average precision over the places of the useful passages', async () => {
    const judge = judgeOf('{"verdict": 1}', '{"verdict": 0}', '{"reason": "r", "verdict": 1}');

    expect(await createContextPrecision(judge).evaluate(row({ passages, expected: 'the truth' }), signal)).toMatchObject({
      type: 'score',
      value: 0.8333333332916666,
    });
    expect(judge.prompts[2]).toContain('three');
    expect(judge.prompts[2]).toContain('the truth');
  });

  it('is missing when one verdict is missing, and 0 when nothing was retrieved', async () => {
    expect(await createContextPrecision(judgeOf('{"verdict": 1}', '?', '?')).evaluate(row({ passages }), signal)).toEqual({
      type: 'missing',
      reason: 'the judge did not reply with a readable verdict on passage 2',
    });
    expect(await createContextPrecision(judgeOf()).evaluate(row({ passages: [] }), signal)).toMatchObject({ type: 'score', value: 0 });
    expect(await createContextPrecision(judgeOf()).evaluate(row({ answer: '' }), signal)).toMatchObject({ type: 'not-applicable' });
  });
});

describe('average precision', () => {
  it('gives the values of Ragas to the last digit', () => {
    for (const [verdicts, value] of golden.context_precision as [number[], number][])
      expect(averagePrecision(verdicts.map((verdict) => verdict === 1))).toBe(value);
  });

  it('stays between 0 and 1, and never falls when a useful passage moves forward', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 30 }), fc.nat(28), (useful, at) => {
        const place = at % (useful.length - 1);
        fc.pre(useful[place] === false && useful[place + 1] === true);
        const value = averagePrecision(useful);

        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(averagePrecision(useful.with(place, true).with(place + 1, false))).toBeGreaterThanOrEqual(value);
      }),
    );
  });
});
