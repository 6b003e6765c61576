import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PLAN_STEPS, parsePlan } from './plan.ts';
import { EVALUATE_PROMPT, parseVerdict, VERDICTS } from './verdict.ts';

describe('parsePlan', () => {
  it('reads a JSON array, also with words or a fence around it', () => {
    expect(parsePlan('["a", "b"]')).toEqual(['a', 'b']);
    expect(parsePlan('Here is the plan:\n```json\n[" a ","b"]\n```\nGood luck.')).toEqual(['a', 'b']);
  });

  it('reads a numbered or bulleted list', () => {
    expect(parsePlan('1. find it\n2) read it\n\n- say it')).toEqual(['find it', 'read it', 'say it']);
  });

  it('takes prose for no plan, also when it holds a list', () => {
    expect(parsePlan('A budget is a cap in US dollars.')).toEqual([]);
    expect(parsePlan('It has:\n- a cap\n- a period')).toEqual([]);
    expect(parsePlan('')).toEqual([]);
    expect(parsePlan('See [limits.md § Budgets].')).toEqual([]);
    expect(parsePlan('[1, 2]')).toEqual([]);
    expect(parsePlan('[]')).toEqual([]);
  });

  it('never gives more steps than allowed, nor empty ones', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(fc.string()).map((steps) => JSON.stringify(steps)),
        ),
        (reply) => {
          const plan = parsePlan(reply);
          expect(plan.length).toBeLessThanOrEqual(MAX_PLAN_STEPS);
          for (const step of plan) expect(step.trim()).not.toBe('');
        },
      ),
    );
  });
});

describe('parseVerdict', () => {
  it('reads the word at the beginning and the reason after it', () => {
    expect(parseVerdict('RETRY: no source is named')).toEqual({ verdict: 'RETRY', reason: 'no source is named' });
    expect(parseVerdict('  **continue** — two steps are left')).toEqual({ verdict: 'CONTINUE', reason: 'two steps are left' });
    expect(parseVerdict('COMPLETE')).toEqual({ verdict: 'COMPLETE', reason: '' });
  });

  it('reads a JSON object', () => {
    expect(parseVerdict('```json\n{"verdict":"retry","reason":"wrong file"}\n```')).toEqual({ verdict: 'RETRY', reason: 'wrong file' });
  });

  it('takes what it can not read for COMPLETE', () => {
    for (const odd of ['', 'I do not know.', 'The work is not complete, RETRY it', '{"verdict":"MAYBE"}', '{"verdict":', 'RETRYING is fun', EVALUATE_PROMPT])
      expect(parseVerdict(odd), odd).toEqual({ verdict: 'COMPLETE', reason: '' });
  });

  it('does not take a model that repeats the question for a judge', () => {
    expect(parseVerdict('COMPLETE when it does, CONTINUE when steps of the plan are left to do, RETRY when').verdict).toBe('COMPLETE');
    expect(parseVerdict('RETRY when the last step went wrong, COMPLETE when it does').verdict).toBe('COMPLETE');
  });

  it('always gives one of the three', () => {
    fc.assert(
      fc.property(fc.string(), (reply) => {
        expect(VERDICTS).toContain(parseVerdict(reply).verdict);
      }),
    );
  });
});
