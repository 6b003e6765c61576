import { describe, expect, it } from 'vitest';
import { parseStatements, parseVerdicts } from './parse-judgement.ts';

describe('the reply of a judge', () => {
  it('is read in the forms that models write', () => {
    expect(parseStatements('{"statements": ["a", " ", "b"]}')).toEqual(['a', 'b']);
    expect(parseStatements('["a"]')).toEqual(['a']);
    expect(parseStatements('```json\n{"statements": [{"statement": "a"}]}\n```')).toEqual(['a']);
    expect(parseStatements('{"statements": []}')).toEqual([]);
    expect(parseVerdicts('{"statements": [{"verdict": 1}, {"verdict": "0"}, {"verdict": true}]}', 3)).toEqual([1, 0, 1]);
    expect(parseVerdicts('{"verdicts": ["yes", "No"]}', 2)).toEqual([1, 0]);
    expect(parseVerdicts('{"reason": "...", "verdict": 0}', 1)).toEqual([0]);
  });

  it.each(['', 'I think so.', '{"statements": "a"}', '{"statements": [5]}', '{}'])('has no readable statements in %j', (reply) => {
    expect(parseStatements(reply)).toBeUndefined();
  });

  it.each([
    '',
    'yes',
    '{"statements": [{"verdict": 1}]}',
    '{"statements": [{"verdict": 1}, {"verdict": 0.5}]}',
    '{"statements": [{"verdict": 1}, null]}',
    '[1, "maybe"]',
  ])('has no two readable verdicts in %j', (reply) => {
    expect(parseVerdicts(reply, 2)).toBeUndefined();
  });
});
