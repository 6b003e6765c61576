import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { toEvents } from '../canonical/answer-events.ts';
import { answerOf, collect, context, decode } from './__fixtures__/play-chat.ts';
import { openaiChat as format } from './openai-chat.ts';

describe('chat answer', () => {
  it('reads tool calls, the usage in its buckets, and where it came from', () => {
    expect(answerOf('answer-tools.json')).toEqual({
      id: 'chatcmpl-B1',
      model: 'gpt-5-mini-2025-08-07',
      parts: [
        { type: 'tool-call', id: 'call_1', name: 'get_weather', arguments: '{"city":"Seoul"}' },
        { type: 'tool-call', id: 'call_2', name: 'get_time', arguments: '' },
      ],
      finishReason: 'tool-calls',
      usage: { inputTokens: 18, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 20 },
      createdS: 1741569952,
      serviceTier: 'default',
      fingerprint: 'fp_1',
    });
  });

  it('keeps log probabilities, whole and streamed', () => {
    const answer = answerOf('answer-logprobs.json');
    const encoder = format.createStreamEncoder(context(decode({})));

    expect(answer.logprobs).toHaveLength(2);
    expect(answer.logprobs?.[0]?.top).toHaveLength(2);
    expect(format.decodeAnswer(format.encodeAnswer(answer, context(decode({})))).logprobs).toEqual(answer.logprobs);
    expect(
      collect(
        toEvents(answer)
          .map((event) => encoder.encode(event))
          .join(''),
      ).answer.logprobs,
    ).toEqual(answer.logprobs);
  });

  it('reads the thinking of Mistral and the reasoning of DeepSeek', () => {
    expect(answerOf('answer-mistral.json').parts).toEqual([
      { type: 'reasoning', text: '2+2' },
      { type: 'text', text: '4' },
    ]);
    expect(answerOf('answer-deepseek.json')).toMatchObject({
      parts: [
        { type: 'reasoning', text: '2+2 is 4' },
        { type: 'text', text: '4' },
      ],
      usage: { inputTokens: 4, cacheReadTokens: 16, outputTokens: 1, reasoningTokens: 8 },
    });
  });

  const of = (message: object, choice: object = {}): CanonicalAnswer =>
    format.decodeAnswer({ id: 'chatcmpl-xyz1', choices: [{ message: { role: 'assistant', content: null, ...message }, finish_reason: 'stop', ...choice }] });

  it.each([
    [{ refusal: 'No.' }, {}, 'refusal'],
    [{ content: 'x' }, { finish_reason: 'content_filter' }, 'content-filter'],
    [{ content: 'x' }, { finish_reason: 'length' }, 'length'],
    [{ content: 'x' }, { finish_reason: 'abort' }, 'other'],
    [{ content: 'x' }, { finish_reason: null }, 'other'],
    [{ content: 'x' }, { stop_reason: 'END' }, 'stop-sequence'],
  ])('reads why %j ended with %j', (message, choice, reason) => {
    expect(of(message, choice).finishReason).toBe(reason);
  });

  it('gives calls without an id one, and reads arguments that are an object', () => {
    const parts = of({ tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }, { id: '', function: { name: 'g', arguments: '{}' } }] }).parts;

    expect(parts).toEqual([
      { type: 'tool-call', id: 'call_chatcmplxyz10', name: 'f', arguments: '{"a":1}' },
      { type: 'tool-call', id: 'call_chatcmplxyz11', name: 'g', arguments: '{}' },
    ]);
    expect(of({ function_call: { name: 'f', arguments: '{}' } }).parts).toMatchObject([{ type: 'tool-call', name: 'f' }]);
  });

  it('keeps annotations and sound for clients of its own format', () => {
    const answer = of({ content: 'x', annotations: [{ type: 'url_citation' }], audio: { id: 'a' } });

    expect(format.encodeAnswer(answer, context(decode({})))).toMatchObject({
      choices: [{ message: { content: 'x', annotations: [{ type: 'url_citation' }], audio: { id: 'a' } } }],
    });
  });

  it('shows a refusal in words as such, and one without words as filtered', () => {
    const refused: CanonicalAnswer = { id: '', model: '', parts: [{ type: 'refusal', text: 'No.' }], finishReason: 'refusal' };

    expect(format.encodeAnswer(refused, context(decode({})))).toMatchObject({
      id: 'chatcmpl-abc',
      model: 'm',
      choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }],
    });
    expect(format.encodeAnswer({ ...refused, parts: [] }, context(decode({})))).toMatchObject({ choices: [{ finish_reason: 'content_filter' }] });
  });

  it('gives a client its custom tool back that was called as a function', () => {
    const request = decode({ tools: [{ type: 'custom', custom: { name: 'patch' } }] });
    const answer: CanonicalAnswer = {
      id: '',
      model: '',
      parts: [{ type: 'tool-call', id: '1', name: 'patch', arguments: '{"input":"*** x"}' }],
      finishReason: 'tool-calls',
    };
    const encoder = format.createStreamEncoder(context(request));

    expect(format.decodeAnswer(format.encodeAnswer(answer, context(request))).parts).toMatchObject([{ custom: true, arguments: '*** x' }]);
    expect(
      collect(
        toEvents(answer)
          .map((event) => encoder.encode(event))
          .join(''),
      ).answer.parts,
    ).toMatchObject([{ custom: true, arguments: '*** x' }]);
  });
});

describe('chat error', () => {
  it.each([
    [{ error: { message: 'm', type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' } }, 400, 'context-length'],
    [{ error: { message: 'm', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } }, 400, 'content-policy'],
    [{ error: { message: 'm', code: 'insufficient_quota' } }, 429, 'billing'],
    [{ object: 'error', message: "This model's maximum context length is 2048 tokens.", type: 'BadRequestError', code: 400 }, 400, 'context-length'],
    [{ detail: 'Not Found' }, 404, 'not-found'],
    [{ error: 'overloaded' }, 503, 'overloaded'],
    ['plain', 500, 'server'],
  ] as const)('reads %j as what it means', (body, status, kind) => {
    expect(format.decodeError(status, body)).toMatchObject({ kind, status });
  });

  it('is written as clients of OpenAI read it', () => {
    expect(format.encodeError({ kind: 'context-length', status: 400, message: 'm', param: 'messages' })).toEqual({
      error: { message: 'm', type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' },
    });
  });
});
