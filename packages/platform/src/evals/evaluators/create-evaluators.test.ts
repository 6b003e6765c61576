import { describe, expect, it } from 'vitest';
import { createEvaluators } from './create-evaluators.ts';

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
