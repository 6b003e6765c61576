import { normaliseText } from '../../text/normalise-text.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/** 1 when the answer is the expected one, white space aside. */
export const createExactMatch = (options: { readonly ignoreCase: boolean }): Evaluator =>
  pureEvaluator('exact-match', 'exact-match', (row) => {
    if (row.expected === undefined) return notApplicable('the row has no expected answer');
    return score(normaliseText(row.answer, options) === normaliseText(row.expected, options) ? 1 : 0);
  });
