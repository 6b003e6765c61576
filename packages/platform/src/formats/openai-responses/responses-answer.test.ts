import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { toEvents } from '../canonical/answer-events.ts';
import { answerOf, collect, context, eventsOf, write } from './__fixtures__/play-responses.ts';
import { openaiResponses as format } from './openai-responses.ts';

describe('response', () => {
  it('reads all kinds of items and the usage in its buckets', () => {
    expect(answerOf('answer.json')).toMatchObject({
      id: 'resp_1',
      parts: [
        { type: 'reasoning', text: 'First.\n\nSecond.', seal: { format: 'openai-responses', kind: 'encrypted', value: 'gAAAAC', id: 'rs_68' } },
        { type: 'text', text: 'It is warm.', notes: { format: 'openai-responses', value: [{ type: 'url_citation' }] } },
        { type: 'tool-call', id: 'call_9', name: 'get_time', arguments: '{"city":"Seoul"}' },
      ],
      finishReason: 'tool-calls',
      usage: { inputTokens: 72, cacheReadTokens: 256, cacheWriteTokens: 0, outputTokens: 44, reasoningTokens: 128 },
      createdS: 1741476542,
    });
  });

  it.each([
    ['answer-incomplete.json', 'length'],
    ['answer-refusal.json', 'refusal'],
    ['answer-search.json', 'stop'],
  ])('reads why %s ended', (name, reason) => {
    expect(answerOf(name).finishReason).toBe(reason);
  });

  it('throws what a failed response says', () => {
    const failed = { status: 'failed', output: [], error: { code: 'server_error', message: 'broke' } };
    let thrown: unknown;
    try {
      format.decodeAnswer(failed);
    } catch (error) {
      thrown = error;
    }

    expect(isPlatformError(thrown, 'upstream_rejected')).toBe(true);
    expect(String(thrown)).toContain('broke');
  });

  it('gives clients of its own format the same items', () => {
    for (const name of ['answer.json', 'answer-refusal.json', 'answer-search.json']) {
      expect(format.decodeAnswer(format.encodeAnswer(answerOf(name), context())).parts).toEqual(answerOf(name).parts);
      expect(collect(write(toEvents(answerOf(name)))).answer.parts).toEqual(answerOf(name).parts);
    }
  });

  it.each([
    ['stop', 'completed', null],
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    ['context', 'incomplete', { reason: 'max_output_tokens' }],
    ['content-filter', 'incomplete', { reason: 'content_filter' }],
    ['refusal', 'incomplete', { reason: 'content_filter' }],
    ['error', 'failed', null],
  ] as const)('writes the end %s as %s', (finishReason, status, incomplete_details) => {
    const given: CanonicalAnswer = { id: '', model: '', parts: [{ type: 'text', text: 'x' }], finishReason };

    expect(format.encodeAnswer(given, context())).toMatchObject({ status, incomplete_details });
    expect(eventsOf(write(toEvents(given))).at(-1)).toMatchObject({ type: `response.${status}`, response: { status, incomplete_details } });
  });

  it('echoes what was asked for', () => {
    const body = {
      instructions: 'Be',
      max_output_tokens: 9,
      tools: [{ type: 'function', name: 'f', strict: false, parameters: {} }],
      tool_choice: 'required',
      metadata: { a: '1' },
      temperature: 0.5,
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      reasoning: { effort: 'low' },
      previous_response_id: 'resp_0',
      store: false,
      background: true,
      user: 'u',
    };

    expect(format.encodeAnswer({ id: '', model: '', parts: [], finishReason: 'stop' }, context(body))).toMatchObject({
      ...body,
      id: 'resp_abc',
      object: 'response',
      model: 'm',
      created_at: 1,
      usage: null,
      reasoning: { effort: 'low', summary: null },
    });
  });

  it('gives a client its custom tool back that was called as a function', () => {
    const given = context({ tools: [{ type: 'custom', name: 'apply_patch' }] });
    const answer: CanonicalAnswer = {
      id: '',
      model: '',
      parts: [{ type: 'tool-call', id: '1', name: 'apply_patch', arguments: '{"input":"*** x"}' }],
      finishReason: 'tool-calls',
    };
    const stream = write(toEvents(answer), given);

    expect(format.encodeAnswer(answer, given)['output']).toMatchObject([{ type: 'custom_tool_call', call_id: '1', name: 'apply_patch', input: '*** x' }]);
    expect(eventsOf(stream).map((event) => event.type)).toContain('response.custom_tool_call_input.done');
    expect(collect(stream).answer.parts).toEqual([{ type: 'tool-call', id: '1', name: 'apply_patch', arguments: '*** x', custom: true }]);
  });
});
