import { normaliseText } from '../../text/normalise-text.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/** 1 when the expected answer stands somewhere in the answer. */
export const createContains = (options: { readonly ignoreCase: boolean }): Evaluator =>
  pureEvaluator('contains', 'contains', (row) => {
    if (row.expected === undefined) return notApplicable('the row has no expected answer');
    return score(normaliseText(row.answer, options).includes(normaliseText(row.expected, options)) ? 1 : 0);
  });
