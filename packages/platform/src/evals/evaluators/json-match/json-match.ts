import { isDeepStrictEqual } from 'node:util';
import { extractJson } from '../../text/extract-json.ts';
import { type Evaluator, notApplicable, pureEvaluator, score } from '../evaluator.ts';

/** 1 when the JSON in the answer equals the expected JSON; the order of keys does not matter. */
export const createJsonMatch = (): Evaluator =>
  pureEvaluator('json-match', 'json-match', (row) => {
    if (row.expected === undefined) return notApplicable('the row has no expected answer');
    const expected = extractJson(row.expected);
    if (expected === undefined) return notApplicable('the expected answer of the row is not JSON');
    const answer = extractJson(row.answer);
    if (answer === undefined) return score(0, 'the answer has no JSON');
    return isDeepStrictEqual(answer, expected) ? score(1) : score(0, 'the JSON differs');
  });
