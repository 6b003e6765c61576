import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeAnswer } from './cached-answer.ts';
import { callsTools } from './calls-tools.ts';
import { answerOf } from './test-answer.ts';

describe('a kept answer', () => {
  it('comes back as it was, piece by piece', () => {
    const piece = fc.record({ afterMs: fc.nat(100_000), bytes: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const answer = answerOf('', { pieces });

        expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
      }),
    );
  });

  it('is nothing when a part of it is missing or damaged', () => {
    const bytes = encodeAnswer(answerOf('hello'));

    for (let length = 0; length < bytes.length; length += 1) expect(decodeAnswer(bytes.subarray(0, length))).toBeUndefined();
    expect(decodeAnswer(Buffer.from('{"v":2}\nabc'))).toBeUndefined();
  });
});

describe('an answer that calls tools', () => {
  it.each([
    '{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a"}]}}]}',
    'data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n',
    '{"content":[{"type":"tool_use","name":"f"}]}',
    '{"output":[{"type": "function_call"}]}',
    '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}',
  ])('is known in every format: %s', (text) => {
    expect(callsTools(Buffer.from(text))).toBe(true);
  });

  it.each(['{"choices":[{"message":{"content":"say \\"tool_calls\\": [1]","tool_calls":null}}]}', '{"content":[{"type":"text","text":"hi"}]}'])(
    'is not one that only speaks of them: %s',
    (text) => {
      expect(callsTools(Buffer.from(text))).toBe(false);
    },
  );
});
