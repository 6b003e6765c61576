import { readFileSync } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { AnswerContext } from '../format.ts';
import { openaiChat as format } from './openai-chat.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url));
const answerOf = (name: string): CanonicalAnswer => format.decodeAnswer(JSON.parse(fixture(name).toString()));
const decode = (body: object): CanonicalRequest => format.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...body }).request;
const read = (stream: Buffer | string): CanonicalEvent[] => {
  const decoder = format.createStreamDecoder();
  return [...decoder.push(Buffer.from(stream)), ...decoder.end()];
};
const collect = (stream: Buffer | string): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of read(stream)) collector.take(event);
  return collector;
};
const chunks = (...deltas: object[]): string =>
  `${deltas.map((delta) => `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, delta }] })}\n\n`).join('')}data: [DONE]\n\n`;
const context = (request: CanonicalRequest): AnswerContext => ({ id: 'abc', createdS: 1, request });
const paramOf = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

describe('chat request', () => {
  const message = (fields: object): object => ({ model: 'm', messages: [{ role: 'user', ...fields }] });

  it.each([
    ['a list', [], 'body'],
    ['no model', { messages: [{ role: 'user', content: 'x' }] }, 'model'],
    ['no messages', { model: 'm', messages: [] }, 'messages'],
    ['an unknown role', message({ role: 'wizard' }), 'messages[0].role'],
    ['content of a wrong type', message({ content: 5 }), 'messages[0].content'],
    ['an unknown part', message({ content: [{ type: 'smell' }] }), 'messages[0].content[0].type'],
    ['a part without text', message({ content: [{ type: 'text' }] }), 'messages[0].content[0].text'],
    ['an image of no address', message({ content: [{ type: 'image_url', image_url: { url: 'x' } }] }), 'messages[0].content[0].image_url.url'],
    ['a video of no address', message({ content: [{ type: 'video_url', video_url: { url: 'x' } }] }), 'messages[0].content[0].video_url.url'],
    ['a result without its call', message({ role: 'tool', content: 'x' }), 'messages[0].tool_call_id'],
    [
      'sound as a result',
      message({ role: 'tool', tool_call_id: 'a', content: [{ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }] }),
      'messages[0].content[0].type',
    ],
    [
      'a picture of the assistant',
      message({ role: 'assistant', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] }),
      'messages[0].content[0].type',
    ],
    ['a picture of the system', message({ role: 'system', content: [{ type: 'image_url' }] }), 'messages[0].content[0].type'],
    [
      'a call without a name',
      message({ role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: {} }] }),
      'messages[0].tool_calls[0].function.name',
    ],
    ['a nameless tool', { ...message({ content: 'x' }), tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    ['an unknown choice', { ...message({ content: 'x' }), tool_choice: 'maybe' }, 'tool_choice'],
    ['an unknown format', { ...message({ content: 'x' }), response_format: { type: 'xml' } }, 'response_format.type'],
    ['a stop of a wrong type', { ...message({ content: 'x' }), stop: [1] }, 'stop'],
    ['an unknown effort', { ...message({ content: 'x' }), reasoning_effort: 'mega' }, 'reasoning_effort'],
    ['a limit of nothing', { ...message({ content: 'x' }), max_tokens: 0 }, 'max_tokens'],
  ])('refuses %s, naming the field', (_name, body, param) => {
    expect(paramOf(body)).toBe(param);
  });

  it('reads the deprecated functions as tools', () => {
    const request = decode({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'done' },
      ],
      functions: [{ name: 'f' }],
      function_call: { name: 'f' },
    });

    expect(request.tools).toEqual([{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }]);
    expect(request.toolChoice).toEqual({ type: 'tool', name: 'f' });
    expect(request.messages[1]?.content).toEqual([{ type: 'tool-call', id: 'function_f', name: 'f', arguments: '{}' }]);
    expect(request.messages[2]?.content).toMatchObject([{ type: 'tool-result', callId: 'function_f' }]);
  });

  it.each([
    [{ reasoning_effort: 'high' }, { effort: 'high' }],
    [{ reasoning: { max_tokens: 500 } }, { budgetTokens: 500 }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { mode: 'on', budgetTokens: 2000 }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
  ])('reads %j as settings of reasoning', (fields, settings) => {
    expect(decode(fields).reasoning).toEqual(settings);
  });

  it.each([
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    ['any', { type: 'required' }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] } },
      { type: 'allowed', mode: 'required', names: ['f'] },
    ],
  ])('reads the tool choice %j', (tool_choice, choice) => {
    expect(decode({ tool_choice }).toolChoice).toEqual(choice);
  });

  it('writes custom tools, their calls and choices in their own form', () => {
    const body = {
      tools: [{ type: 'custom', custom: { name: 'patch', description: 'd', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } } } }],
      tool_choice: { type: 'custom', custom: { name: 'patch' } },
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'custom', custom: { name: 'patch', input: '*** x' } }] },
        { role: 'tool', tool_call_id: '1', content: 'ok' },
      ],
    };

    expect(format.encodeRequest(decode(body)).body).toMatchObject(body);
  });

  it('keeps tools, fields and sound that only some server knows', () => {
    const body = { tools: [{ type: 'retrieval', index: 1 }], guided_regex: 'a+', messages: [{ role: 'assistant', content: 'x', audio: { id: 'a1' } }] };
    const request = decode(body);

    expect(request.extra).toEqual({ format: 'openai-chat', fields: { guided_regex: 'a+' } });
    expect(format.encodeRequest(request)).toMatchObject({ body, dropped: [] });
  });

  it('warns of fields of a message that it does not know', () => {
    expect(format.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x', mood: 'good' }] }).warnings).toEqual([
      '"messages[0].mood" is not known and was not translated',
    ]);
  });

  it('reads markers for a cache and names them when it writes', () => {
    const request = decode({ messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }] }] });

    expect(request.messages[0]?.content).toEqual([{ type: 'text', text: 'x', cache: { ttl: '1h' } }]);
    expect(format.encodeRequest(request).dropped).toMatchObject([{ field: 'cache', weight: 'hint' }]);
  });

  it('takes back reasoning of servers that show it, and of LiteLLM with its signature', () => {
    const request = decode({
      messages: [
        { role: 'assistant', content: 'a', reasoning_content: 'plain' },
        { role: 'assistant', content: 'b', reasoning_content: 'signed', thinking_blocks: [{ type: 'thinking', thinking: 'signed', signature: 's' }] },
      ],
    });

    expect(request.messages.map((message) => message.content[0])).toEqual([
      { type: 'reasoning', text: 'plain' },
      { type: 'reasoning', text: 'signed', seal: { format: 'anthropic-messages', kind: 'signature', value: 's' } },
    ]);
    const { body, dropped } = format.encodeRequest(request);
    expect(body['messages']).toMatchObject([{ reasoning_content: 'plain' }, { content: 'b' }]);
    expect(dropped).toMatchObject([{ field: 'messages.reasoning', weight: 'hint' }]);
  });

  it('says in words that a tool failed, and sends what is no text after the results', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://a/b.png' } } as const;
    const { body, dropped } = format.encodeRequest({
      ...decode({}),
      messages: [
        {
          role: 'tool',
          content: [
            { type: 'tool-result', callId: '1', content: [{ type: 'text', text: 'no file' }], isError: true },
            {
              type: 'tool-result',
              callId: '2',
              content: [
                { type: 'text', text: 'error: x' },
                { type: 'text', text: 'y' },
              ],
              isError: true,
            },
            { type: 'tool-result', callId: '3', content: [image] },
          ],
        },
      ],
    });

    expect(dropped).toEqual([]);
    expect(body['messages']).toMatchObject([
      { role: 'tool', tool_call_id: '1', content: 'Error: no file' },
      { role: 'tool', tool_call_id: '2', content: [{ text: 'error: x' }, { text: 'y' }] },
      { role: 'tool', tool_call_id: '3', content: 'The content follows in the next message.' },
      { role: 'user', content: [{ type: 'text' }, { type: 'image_url', image_url: { url: 'https://a/b.png' } }] },
    ]);
  });

  it('names documents, pictures and sound that it can not send', () => {
    const { dropped } = format.encodeRequest({
      ...decode({}),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'url', url: 'https://a/b.pdf' } },
            { type: 'document', source: { type: 'file', id: 'f', format: 'gemini' } },
            { type: 'document', source: { type: 'text', text: 'x' }, citations: true },
            { type: 'image', source: { type: 'file', id: 'f', format: 'openai-chat' } },
            { type: 'audio', source: { type: 'url', url: 'https://a/b.mp3' } },
            { type: 'video', source: { type: 'file', id: 'f', format: 'gemini' } },
          ],
        },
      ],
    });

    expect(dropped.map((item) => item.field)).toEqual(
      [0, 1, '2].citations', 3, 4, 5].map((at) => `messages[0].content[${at}${typeof at === 'number' ? ']' : ''}`),
    );
  });

  it('sends documents as files or as text', () => {
    const { body } = format.encodeRequest({
      ...decode({}),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', name: 'a', context: 'from 2026', source: { type: 'text', text: 'hello' } },
            { type: 'document', source: { type: 'file', id: 'f1', format: 'openai-responses' } },
            { type: 'audio', source: { type: 'base64', mediaType: 'audio/x-wav', data: 'AA' } },
            { type: 'video', source: { type: 'url', url: 'https://a/b.mp4' } },
          ],
        },
      ],
    });

    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'from 2026' },
          { type: 'text', text: 'a:\nhello' },
          { type: 'file', file: { file_id: 'f1' } },
          { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://a/b.mp4' } },
        ],
      },
    ]);
  });
});

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
