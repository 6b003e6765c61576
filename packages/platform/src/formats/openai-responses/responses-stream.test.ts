import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import { answerOf, collect, context, eventsOf, fixture, read, sse, write } from './__fixtures__/play-responses.ts';
import { openaiResponses as format } from './openai-responses.ts';

describe('response stream', () => {
  it('reads what the whole answer says', () => {
    const { answer, complete } = collect(fixture('stream.sse'));

    expect(complete).toBe(true);
    expect(answer).toMatchObject({ parts: answerOf('answer.json').parts, usage: answerOf('answer.json').usage, finishReason: 'tool-calls' });
  });

  it('has the whole grammar, in order and numbered', () => {
    const events = eventsOf(write(toEvents(answerOf('answer.json'))));

    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.map((event) => event.type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
  });

  it('ends with the response whose items it streamed', () => {
    const events = eventsOf(write(toEvents(answerOf('answer.json'))));
    const done = events.filter((event) => event.type === 'response.output_item.done').map((event) => event['item']);

    expect(events.at(-1)).toMatchObject({ response: { status: 'completed', output: done, usage: { input_tokens: 328, total_tokens: 500 } } });
  });

  it('writes a refusal as content of its own', () => {
    const types = eventsOf(write(toEvents(answerOf('answer-refusal.json')))).map((event) => event.type);

    expect(types).toEqual(expect.arrayContaining(['response.refusal.delta', 'response.refusal.done', 'response.content_part.done', 'response.completed']));
  });

  it('keeps log probabilities', () => {
    const given: CanonicalAnswer = {
      id: '',
      model: '',
      parts: [{ type: 'text', text: 'Hé' }],
      finishReason: 'stop',
      logprobs: [{ token: 'H', logprob: -0.1, bytes: [72], top: [{ token: 'h', logprob: -2 }] }],
    };

    expect(format.decodeAnswer(format.encodeAnswer(given, context())).logprobs).toEqual(given.logprobs);
    expect(collect(write(toEvents(given))).answer.logprobs).toEqual(given.logprobs);
  });

  it('says twice that an answer broke, keeps what came, and never completes it', () => {
    const broken: CanonicalEvent[] = [
      { type: 'start', id: '', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'Hal' },
      { type: 'error', error: { kind: 'rate-limit', status: 429, message: 'slow down' } },
    ];
    const events = eventsOf(write(broken));

    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'rate_limit_exceeded', message: 'slow down', param: null },
      {
        type: 'response.failed',
        response: { status: 'failed', error: { message: 'slow down' }, output: [{ status: 'incomplete', content: [{ text: 'Hal' }] }] },
      },
    ]);
    expect(events.map((event) => event.type)).not.toContain('response.completed');
  });

  it('reports what a vendor says of its failure, once', () => {
    expect(read(fixture('stream-failed.sse')).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'rate-limit', status: 429, message: 'Rate limit reached' },
    });
    expect(read(sse({ type: 'response.failed', response: { error: { code: 'server_error', message: 'broke' } } }))).toMatchObject([
      { type: 'error', error: { kind: 'server' } },
    ]);
    expect(read(sse({ type: 'error', error: { message: 'bad', code: 'invalid_prompt' } }))).toMatchObject([
      { type: 'error', error: { kind: 'invalid-request', message: 'bad' } },
    ]);
  });

  it('reads servers that leave events out', () => {
    const { answer, complete } = collect(fixture('stream-bare.sse'));

    expect(complete).toBe(true);
    expect(answer).toMatchObject({ parts: [{ type: 'text', text: 'Once upon' }], finishReason: 'length' });
  });

  it('reads items that come whole, without deltas', () => {
    const item = (output_index: number, given: object): object => ({ type: 'response.output_item.done', output_index, item: given });
    const stream = sse(
      item(0, { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'e' }),
      item(1, {
        type: 'message',
        content: [
          { type: 'output_text', text: 'a' },
          { type: 'refusal', refusal: 'b' },
        ],
      }),
      item(2, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }),
      item(3, { type: 'custom_tool_call', call_id: 'd', name: 'p', input: 'x' }),
      item(4, { type: 'web_search_call', id: 'ws' }),
      { type: 'response.completed', response: { id: 'resp_1', model: 'm', status: 'completed' } },
    );

    expect(collect(stream).answer).toMatchObject({
      parts: [
        { type: 'reasoning', text: 'hm', seal: { value: 'e' } },
        { type: 'text', text: 'a' },
        { type: 'refusal', text: 'b' },
        { type: 'tool-call', id: 'c', arguments: '{}' },
        { type: 'tool-call', id: 'd', arguments: 'x', custom: true },
        { type: 'foreign', value: { id: 'ws' } },
      ],
      finishReason: 'tool-calls',
    });
  });

  it('is complete only when the response is, [DONE] or not', () => {
    const stream = fixture('stream.sse').toString();
    const cut = stream.slice(0, stream.indexOf('event: response.completed'));

    expect(collect(cut).error?.kind).toBe('cut');
    expect(collect(`${cut}data: [DONE]\n\n`).error?.kind).toBe('cut');
    expect(collect(`${stream}data: [DONE]\n\n`).complete).toBe(true);
  });

  it('leaves deltas of items that never began alone', () => {
    const events = read(
      sse(
        { type: 'response.function_call_arguments.delta', output_index: 3, delta: 'x' },
        { type: 'response.output_text.annotation.added', output_index: 3 },
        { type: 'response.unknown' },
      ),
    );

    expect(events).toMatchObject([{ type: 'error', error: { kind: 'cut' } }]);
  });
});
