import { describe, expect, it } from 'vitest';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import { answerOf, chunks, collect, context, decode, fixture, read } from './__fixtures__/play-chat.ts';
import { openaiChat as format } from './openai-chat.ts';

describe('chat stream', () => {
  it('reads text, parallel calls, the usage and the end', () => {
    const { answer, complete } = collect(fixture('stream-tools.sse'));

    expect(complete).toBe(true);
    expect(answer.parts).toEqual([
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', id: 'call_1', name: 'get_weather', arguments: '{"city":"Seoul"}' },
      { type: 'tool-call', id: 'call_2', name: 'get_weather', arguments: '{"city":"Busan"}' },
    ]);
    expect(answer.usage).toEqual({ inputTokens: 18, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 20 });
  });

  it('ends a call as soon as it is whole, so that the next can be passed on at once', () => {
    const types = read(fixture('stream-tools.sse')).map((event) => ('index' in event ? `${event.type} ${event.index}` : event.type));

    expect(types.indexOf('part-end 1')).toBeLessThan(types.indexOf('part-start 2'));
  });

  it('keeps calls apart whose pieces come mixed', () => {
    expect(collect(fixture('stream-interleaved.sse')).answer.parts).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }]);
  });

  it('keeps calls apart that all say index 0, or none', () => {
    expect(collect(fixture('stream-same-index.sse')).answer.parts).toMatchObject([
      { id: 'a1', arguments: '{"n":1}' },
      { id: 'a2', arguments: '{"n":2}' },
    ]);
    const without = chunks(
      { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] },
      { tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{"x"' } }] },
      { tool_calls: [{ function: { arguments: ':1}' } }] },
    );
    expect(collect(without).answer.parts).toMatchObject([
      { id: 'a', arguments: '{}' },
      { id: 'b', arguments: '{"x":1}' },
    ]);
  });

  it('gives calls without an id one each', () => {
    const ids = collect(
      chunks({
        tool_calls: [
          { index: 0, function: { name: 'f', arguments: '{}' } },
          { index: 1, function: { name: 'f', arguments: '{}' } },
        ],
      }),
    ).answer.parts;

    expect(ids).toMatchObject([{ id: 'call_chatcmpl10' }, { id: 'call_chatcmpl11' }]);
  });

  it('reads reasoning, and its signature where a server gives one', () => {
    expect(collect(fixture('stream-deepseek.sse')).answer.parts).toEqual([
      { type: 'reasoning', text: '2+2 is 4' },
      { type: 'text', text: '4' },
    ]);
    expect(collect(fixture('stream-litellm.sse')).answer.parts).toEqual([
      { type: 'reasoning', text: 'hm ok', seal: { format: 'anthropic-messages', kind: 'signature', value: 'c2ln' } },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('takes a sealed block that repeats what flowed for its seal alone', () => {
    const stream = chunks(
      { reasoning_content: 'a' },
      { reasoning_content: 'b' },
      { thinking_blocks: [{ type: 'thinking', thinking: 'ab', signature: 's' }] },
      { thinking_blocks: [{ type: 'redacted_thinking', data: 'd' }] },
      { content: 'x' },
    );

    expect(collect(stream).answer.parts).toMatchObject([{ text: 'ab', seal: { value: 's' } }, { text: '', seal: { value: 'd' } }, { text: 'x' }]);
  });

  it('reads the thinking of Mistral, deprecated calls, refusals and sound', () => {
    expect(collect(chunks({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }, { content: 'x' })).answer.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'x' },
    ]);
    expect(collect(chunks({ function_call: { name: 'f', arguments: '{' } }, { function_call: { arguments: '}' } })).answer.parts).toMatchObject([
      { name: 'f', arguments: '{}' },
    ]);
    expect(collect(chunks({ refusal: 'No' }, { refusal: '.' })).answer.parts).toEqual([{ type: 'refusal', text: 'No.' }]);
    expect(collect(chunks({ audio: { data: 'AA' } })).answer.parts).toEqual([{ type: 'foreign', format: 'openai-chat', value: { audio: { data: 'AA' } } }]);
  });

  it('reports an error of the server and nothing after it', () => {
    expect(read(fixture('stream-error.sse')).at(-1)).toMatchObject({ type: 'error', error: { message: 'The server had an error', type: 'server_error' } });
    expect(read('data: {"error":{"message":"slow","code":429}}\n\ndata: [DONE]\n\n')).toMatchObject([
      { type: 'error', error: { kind: 'rate-limit', status: 429 } },
    ]);
    expect(read('event: error\ndata: {"message":"bad"}\n\n')).toMatchObject([{ type: 'error', error: { message: 'bad' } }]);
    expect(read('data: {"error":"text"}\n\n')).toMatchObject([{ type: 'error', error: { message: 'text' } }]);
  });

  it('is complete only at [DONE], even when a reason to finish was given', () => {
    const stream = fixture('stream-tools.sse').toString();

    expect(collect(stream.replace('data: [DONE]\n\n', '')).error?.kind).toBe('cut');
    expect(collect(`${stream}data: {"half`).complete).toBe(true);
    expect(collect('data: [DONE]\n\n').answer.finishReason).toBe('other');
  });

  it('reads text that is not valid UTF-8 without breaking', () => {
    const bytes = Buffer.concat([
      Buffer.from('data: {"choices":[{"delta":{"content":"a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('b"}}]}\n\ndata: [DONE]\n\n'),
    ]);

    expect(collect(bytes).answer.parts).toEqual([{ type: 'text', text: 'a��b' }]);
  });

  it('shows the usage only to a client that asked for it', () => {
    const answer = answerOf('answer-tools.json');
    const written = (request: CanonicalRequest): string => {
      const encoder = format.createStreamEncoder(context(request));
      return toEvents(answer)
        .map((event) => encoder.encode(event))
        .join('');
    };

    expect(written(decode({ stream: true }))).not.toContain('prompt_tokens');
    expect(written(decode({ stream: true, stream_options: { include_usage: true } }))).toContain('"prompt_tokens":82');
  });
});
