import { readFileSync } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from '../canonical/answer.ts';
import { AnswerCollector } from '../canonical/answer-collector.ts';
import { toEvents } from '../canonical/answer-events.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalMessage } from '../canonical/message.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { AnswerContext } from '../format.ts';
import { anthropicMessages as format } from './anthropic-messages.ts';
import { closeObjects } from './close-objects.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url));
const answerOf = (name: string): CanonicalAnswer => format.decodeAnswer(JSON.parse(fixture(name).toString()));
const USER: CanonicalMessage = { role: 'user', content: [{ type: 'text', text: 'x' }] };
const request = (fields: Partial<CanonicalRequest>): CanonicalRequest => ({ model: 'claude-sonnet-4-5', messages: [USER], stream: false, ...fields });
const encode = (fields: Partial<CanonicalRequest>): ReturnType<typeof format.encodeRequest> => format.encodeRequest(request(fields));
const context = (fields: Partial<CanonicalRequest> = {}): AnswerContext => ({ id: 'abc', createdS: 1, request: request(fields) });
const read = (stream: Buffer | string): CanonicalEvent[] => {
  const decoder = format.createStreamDecoder();
  return [...decoder.push(Buffer.from(stream)), ...decoder.end()];
};
const collect = (stream: Buffer | string): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of read(stream)) collector.take(event);
  return collector;
};
const write = (events: readonly CanonicalEvent[], given = context()): string => {
  const encoder = format.createStreamEncoder(given);
  return events.map((event) => encoder.encode(event)).join('');
};
const namesOf = (stream: string): string[] => [...stream.matchAll(/^event: (.*)$/gm)].map((match) => match[1] ?? '');
const decode = (body: object): CanonicalRequest =>
  format.decodeRequest({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'x' }], ...body }).request;
const paramOf = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

describe('messages request', () => {
  const message = (fields: object): object => ({ model: 'm', messages: [{ role: 'user', content: 'x', ...fields }] });

  it.each([
    ['no model', { messages: [{}] }, 'model'],
    ['no messages', { model: 'm' }, 'messages'],
    ['an unknown role', message({ role: 'tool' }), 'messages[0].role'],
    ['content of a wrong type', message({ content: 5 }), 'messages[0].content'],
    ['a block without a type', message({ content: [{}] }), 'messages[0].content[0].type'],
    ['an unknown source', message({ content: [{ type: 'image', source: { type: 'fax' } }] }), 'messages[0].content[0].source.type'],
    [
      'a picture without data',
      message({ content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png' } }] }),
      'messages[0].content[0].source.data',
    ],
    ['a result without its call', message({ content: [{ type: 'tool_result' }] }), 'messages[0].content[0].tool_use_id'],
    ['a call without a name', message({ role: 'assistant', content: [{ type: 'tool_use', id: '1' }] }), 'messages[0].content[0].name'],
    ['a picture of the system', { ...message({}), system: [{ type: 'image' }] }, 'system[0].type'],
    ['a nameless tool', { ...message({}), tools: [{ input_schema: {} }] }, 'tools[0].name'],
    ['an unknown choice', { ...message({}), tool_choice: { type: 'maybe' } }, 'tool_choice.type'],
    ['an unknown kind of thinking', { ...message({}), thinking: { type: 'hard' } }, 'thinking.type'],
    ['an unknown output', { ...message({}), output_config: { format: { type: 'xml' } } }, 'output_config.format'],
    ['an unknown effort', { ...message({}), output_config: { effort: 'mega' } }, 'output_config.effort'],
    ['stop texts of a wrong type', { ...message({}), stop_sequences: 'END' }, 'stop_sequences'],
  ])('refuses %s, naming the field', (_name, body, param) => {
    expect(paramOf(body)).toBe(param);
  });

  it('splits a turn with tool results, and joins it again', () => {
    const content = [
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'done' }], is_error: true },
      { type: 'text', text: 'go on' },
    ];
    const { messages } = decode({ messages: [{ role: 'user', content }] });

    expect(messages.map((each) => each.role)).toEqual(['tool', 'user']);
    expect(format.encodeRequest(request({ messages })).body['messages']).toEqual([{ role: 'user', content }]);
  });

  it('keeps blocks, tools and fields of its own', () => {
    const body = {
      system: [{ type: 'text', text: 'Be', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'search_result', source: 'a', title: 'b', content: [{ type: 'text', text: 'c' }] },
            { type: 'document', source: { type: 'content', content: [] } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            { type: 'text', text: 'y', citations: [{ type: 'char_location' }] },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference', tool_name: 'z' }] }] },
      ],
      tools: [{ type: 'bash_20250124', name: 'bash' }],
      cache_control: { type: 'ephemeral' },
      container: 'c1',
      output_config: { effort: 'low', task_budget: { type: 'tokens', total: 5 } },
    };
    const { body: again, dropped } = format.encodeRequest({ ...decode(body), model: 'claude-opus-4-8' });

    expect(again).toMatchObject(body);
    expect(dropped).toEqual([]);
  });

  it('warns of fields of a tool that it does not know', () => {
    expect(
      format.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], tools: [{ name: 'f', input_schema: {}, defer_loading: true }] }).warnings,
    ).toEqual(['"tools[0].defer_loading" is not known and was not translated']);
  });

  it('moves instructions to the front and names those that stood later', () => {
    const { body, dropped } = encode({
      messages: [{ role: 'system', content: [{ type: 'text', text: 'a' }] }, USER, { role: 'developer', content: [{ type: 'text', text: 'b' }] }],
    });

    expect(body['system']).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    expect(dropped).toMatchObject([{ field: 'messages[2]', weight: 'hint' }]);
  });

  it('leaves blank texts out and cleans the ids of calls', () => {
    const { body } = encode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: ' \n' },
            { type: 'text', text: 'x' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: '' },
            { type: 'refusal', text: 'no' },
            { type: 'tool-call', id: 'call|1.a', name: 'f', arguments: ' ' },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'call|1.a', content: [] }] },
      ],
    });

    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'no' },
          { type: 'tool_use', id: 'call_1_a', name: 'f', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1_a', content: [] }] },
    ]);
  });

  it.each(['[1]', '{"half', '"text"'])('names arguments that are no object: %s', (args) => {
    const { dropped } = encode({ messages: [USER, { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'f', arguments: args }] }] });

    expect(dropped).toMatchObject([{ field: 'messages[1].content[0].arguments', weight: 'meaning' }]);
  });

  it.each([
    [{ type: 'auto' }, undefined, { type: 'auto' }],
    [{ type: 'none' }, false, { type: 'none' }],
    [{ type: 'required' }, false, { type: 'any', disable_parallel_tool_use: true }],
    [{ type: 'tool', name: 'f' }, true, { type: 'tool', name: 'f', disable_parallel_tool_use: false }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [{ type: 'allowed', mode: 'required', names: ['f'] }, undefined, { type: 'any' }],
  ] as const)('writes the choice %j with parallel calls %s', (toolChoice, parallel, expected) => {
    const tools = ['f', 'g'].map((name) => ({ type: 'function' as const, name, parameters: {} }));
    const { body } = encode({ tools, ...(toolChoice === undefined ? {} : { toolChoice }), ...(parallel === undefined ? {} : { parallelToolCalls: parallel }) });

    expect(body['tool_choice']).toEqual(expected);
    expect((body['tools'] as unknown[]).length).toBe(toolChoice?.type === 'allowed' ? 1 : 2);
  });

  it('writes custom tools as functions and their calls as such', () => {
    const { body, dropped } = encode({
      tools: [{ type: 'custom', name: 'patch' }],
      messages: [USER, { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'patch', arguments: '*** x', custom: true }] }],
    });

    expect(dropped).toEqual([]);
    expect(body['tools']).toMatchObject([{ name: 'patch', input_schema: { required: ['input'] } }]);
    expect(body['messages']).toMatchObject([{}, { content: [{ type: 'tool_use', input: { input: '*** x' } }] }]);
  });

  it.each([
    ['claude-sonnet-4-5-20250929', { effort: 'low' }, undefined, { type: 'enabled', budget_tokens: 1024 }, 5120],
    ['claude-3-7-sonnet-latest', { effort: 'medium' }, undefined, { type: 'enabled', budget_tokens: 8192 }, 12_288],
    ['anthropic.claude-sonnet-4-20250514-v1:0', { effort: 'low' }, undefined, { type: 'enabled', budget_tokens: 1024 }, 5120],
    ['claude-opus-4@20250514', { mode: 'on', budgetTokens: 2000 }, 8000, { type: 'enabled', budget_tokens: 2000 }, 8000],
    ['claude-haiku-4-5', { budgetTokens: 500 }, 8000, { type: 'enabled', budget_tokens: 1024 }, 8000],
    ['MiniMax-M2', { effort: 'low' }, undefined, { type: 'enabled', budget_tokens: 1024 }, 5120],
    ['claude-opus-4-6', { effort: 'high' }, undefined, { type: 'adaptive' }, 16_384],
    ['claude-sonnet-5', { budgetTokens: 31_999 }, undefined, { type: 'adaptive' }, 16_384],
    ['claude-opus-4-8', { mode: 'adaptive', summary: 'auto' }, 100, { type: 'adaptive', display: 'summarized' }, 100],
    ['claude-sonnet-4-5', { mode: 'off' }, undefined, { type: 'disabled' }, 4096],
    ['claude-opus-5', { effort: 'none' }, undefined, { type: 'disabled' }, 4096],
  ] as const)('asks %s with %j to reason', (model, reasoning, maxTokens, thinking, limit) => {
    const { body, dropped } = encode({ model, reasoning, ...(maxTokens === undefined ? {} : { maxTokens }) });

    expect(body['thinking']).toEqual(thinking);
    expect(body['max_tokens']).toBe(limit);
    expect(dropped).toEqual([]);
  });

  it('says the effort to models that take one', () => {
    expect(encode({ model: 'claude-opus-4-6', reasoning: { effort: 'minimal' } }).body['output_config']).toEqual({ effort: 'low' });
    expect(encode({ model: 'claude-opus-4-8', reasoning: { budgetTokens: 5000 } }).body['output_config']).toEqual({ effort: 'medium' });
  });

  it('cuts a budget to the limit of the answer, or leaves reasoning out, and says so', () => {
    const cut = encode({ reasoning: { effort: 'high' }, maxTokens: 2000 });
    const none = encode({ reasoning: { effort: 'high' }, maxTokens: 200 });

    expect(cut.body['thinking']).toEqual({ type: 'enabled', budget_tokens: 1999 });
    expect(none.body['thinking']).toBeUndefined();
    for (const { dropped } of [cut, none]) expect(dropped).toMatchObject([{ field: 'reasoning', weight: 'hint' }]);
  });

  it('names sampling that reasoning forbids', () => {
    expect(encode({ temperature: 0.5, topK: 5, reasoning: { effort: 'low' } }).dropped).toMatchObject([
      { field: 'temperature', weight: 'meaning' },
      { field: 'topK', weight: 'meaning' },
    ]);
    expect(encode({ temperature: 1, reasoning: { effort: 'low' } }).dropped).toEqual([]);
  });

  it('takes a temperature of 2 for the highest there is', () => {
    const { body, dropped } = encode({ temperature: 2 });

    expect(body['temperature']).toBe(1);
    expect(dropped).toMatchObject([{ field: 'temperature', weight: 'hint' }]);
  });

  it('asks for JSON without a schema in words', () => {
    const { body, dropped } = encode({ output: { type: 'json' } });

    expect(JSON.stringify(body['system'])).toContain('one JSON object');
    expect(dropped).toMatchObject([{ field: 'output', weight: 'hint' }]);
  });

  it('takes neutral settings for none', () => {
    expect(encode({ choices: 1, presencePenalty: 0, frequencyPenalty: 0, logprobs: false, topLogprobs: 0, verbosity: 'medium', stop: [] }).dropped).toEqual([]);
    expect(encode({ choices: 2 }).dropped).toMatchObject([{ field: 'choices', weight: 'meaning' }]);
  });

  it('names stop texts of white space, and tiers that it does not know', () => {
    const { body, dropped } = encode({ stop: ['\n', 'END'], serviceTier: 'flex' });

    expect(body['stop_sequences']).toEqual(['END']);
    expect(dropped.map((item) => [item.field, item.weight])).toEqual([
      ['stop', 'meaning'],
      ['serviceTier', 'hint'],
    ]);
    expect(encode({ serviceTier: 'default' })).toMatchObject({ body: { service_tier: 'standard_only' }, dropped: [] });
  });

  it('names what is neither PDF nor text, and sends text as text', () => {
    const document = (mediaType: string): CanonicalMessage => ({
      role: 'user',
      content: [{ type: 'document', source: { type: 'base64', mediaType, data: 'aGVsbG8=' } }],
    });

    expect(encode({ messages: [document('application/msword')] }).dropped).toMatchObject([{ field: 'messages[0].content[0]', weight: 'meaning' }]);
    expect(encode({ messages: [document('text/markdown')] }).body['messages']).toMatchObject([{ content: [{ source: { type: 'text', data: 'hello' } }] }]);
    expect(encode({ messages: [{ role: 'user', content: [{ type: 'audio', source: { type: 'url', url: 'https://a' } }] }] }).dropped).toHaveLength(1);
  });

  it('closes the objects of a schema, and only them', () => {
    const open = { type: 'object', properties: { a: { type: 'object', properties: {} }, b: { anyOf: [{ properties: {} }] } }, enum: [{ properties: {} }] };

    expect(closeObjects(open)).toEqual({
      type: 'object',
      properties: { a: { type: 'object', properties: {}, additionalProperties: false }, b: { anyOf: [{ properties: {}, additionalProperties: false }] } },
      enum: [{ properties: {} }],
      additionalProperties: false,
    });
  });

  it('counts tokens with what counts, and nothing else', () => {
    const counting = format.tokenCounting;
    const { body } = counting?.encodeRequest(
      request({ stream: true, temperature: 0.5, maxTokens: 5, tools: [{ type: 'function', name: 'f', parameters: {} }] }),
    ) ?? { body: {} };

    expect(Object.keys(body)).toEqual(['model', 'messages', 'tools']);
    expect(counting?.decodeAnswer(counting.encodeAnswer(14))).toBe(14);
    expect(() => counting?.decodeAnswer({})).toThrow('not a count of tokens');
  });
});

describe('message', () => {
  it('reads all kinds of blocks and the usage in its buckets', () => {
    expect(answerOf('message.json')).toMatchObject({
      parts: [
        { type: 'reasoning', text: 'Look it up.', seal: { format: 'anthropic-messages', kind: 'signature', value: 'EqQBCg==' } },
        { type: 'reasoning', text: '', seal: { kind: 'encrypted', value: 'EmwKAhgB' } },
        { type: 'text', text: 'I will look.' },
        { type: 'tool-call', id: 'toolu_01', arguments: '{"city":"서울"}' },
        { type: 'tool-call', id: 'toolu_02', arguments: '{}' },
      ],
      finishReason: 'tool-calls',
      usage: { inputTokens: 12, cacheReadTokens: 100, cacheWriteTokens: 30, outputTokens: 20, reasoningTokens: 40 },
    });
  });

  it('streams what it gives whole, also tools that Anthropic runs itself and their citations', () => {
    for (const [stream, whole] of [
      ['stream.sse', 'message.json'],
      ['stream-search.sse', 'message-search.json'],
    ] as const) {
      const { answer, complete } = collect(fixture(stream));
      const parse = (part: CanonicalAnswer['parts'][number]): unknown =>
        part.type === 'tool-call' ? { ...part, arguments: JSON.parse(part.arguments) as unknown } : part;

      expect(complete).toBe(true);
      expect(answer.parts.map(parse)).toEqual(answerOf(whole).parts.map(parse));
    }
  });

  it('gives clients of its own format everything back', () => {
    for (const name of ['message.json', 'message-search.json']) {
      const message = JSON.parse(fixture(name).toString()) as { content: unknown };

      expect(format.encodeAnswer(answerOf(name), context())['content']).toEqual(message.content);
      expect(collect(write(toEvents(answerOf(name)))).answer.parts).toEqual(answerOf(name).parts);
    }
  });

  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['refusal', 'refusal'],
    ['pause_turn', 'pause'],
    ['model_context_window_exceeded', 'context'],
    ['new_reason', 'other'],
    [null, 'other'],
  ])('reads the stop reason %s', (stop_reason, reason) => {
    expect(format.decodeAnswer({ content: [], stop_reason }).finishReason).toBe(reason);
  });

  it('shows arguments that are no object rather than nothing', () => {
    const parts = ['[1]', '{"half', ''].map((args, index) => ({ type: 'tool-call', id: String(index), name: 'f', arguments: args }) as const);

    expect(format.encodeAnswer({ id: '', model: '', parts, finishReason: 'tool-calls' }, context())['content']).toMatchObject([
      { input: { input: [1] } },
      { input: { input: '{"half' } },
      { input: {} },
    ]);
  });
});

describe('message stream', () => {
  it('has the whole grammar, in order', () => {
    const stream = write(toEvents(answerOf('message.json')));

    expect(namesOf(stream)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(stream).toContain('"usage":{"input_tokens":12,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,"output_tokens":60');
  });

  it('writes blocks one after the other when parts overlap', () => {
    const open = (index: number): CanonicalEvent => ({ type: 'part-start', index, part: { type: 'tool-call', id: `c${index}`, name: 'f' } });
    const add = (index: number): CanonicalEvent => ({ type: 'arguments-delta', index, text: '{}' });
    const stream = write([
      { type: 'start', id: '', model: 'm' },
      open(0),
      open(1),
      add(1),
      add(0),
      { type: 'part-end', index: 1 },
      { type: 'finish', reason: 'tool-calls' },
      { type: 'end' },
    ]);

    expect(collect(stream).complete).toBe(true);
    expect([...stream.matchAll(/"index":(\d)/g)].map((match) => match[1]).join('')).toBe('000111');
  });

  it('leaves empty texts out, and begins also when the vendor did not', () => {
    const stream = write([
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-end', index: 0 },
      { type: 'finish', reason: 'stop' },
      { type: 'end' },
    ]);

    expect(namesOf(stream)).toEqual(['message_start', 'ping', 'message_delta', 'message_stop']);
  });

  it('ends with an error event and nothing else when the answer broke', () => {
    const stream = write([
      { type: 'start', id: '', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'a' },
      { type: 'error', error: { kind: 'overloaded', status: 529, message: 'busy' } },
    ]);

    expect(namesOf(stream).at(-1)).toBe('error');
    expect(stream).toContain('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    expect(namesOf(stream)).not.toContain('message_stop');
  });

  it('reads an error event with the status of its type', () => {
    expect(read(fixture('stream-error.sse')).at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded', status: 529, message: 'Overloaded' } });
  });

  it('is complete only at message_stop', () => {
    const stream = fixture('stream.sse').toString();

    expect(collect(stream.slice(0, stream.indexOf('event: message_stop'))).error?.kind).toBe('cut');
    expect(collect('event: message_stop\ndata: {"type":"message_stop"}\n\n').answer.finishReason).toBe('other');
  });

  it('takes input that stands whole in the head of a call', () => {
    const events = [
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_delta', index: 7, delta: { type: 'text_delta', text: 'lost' } },
      { type: 'message_stop' },
    ];

    expect(collect(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')).answer.parts).toEqual([
      { type: 'tool-call', id: 't', name: 'f', arguments: '{"a":1}' },
    ]);
  });
});

describe('messages error', () => {
  it.each([
    [{ type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 200001 tokens > 200000 maximum' } }, 400, 'context-length'],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529, 'overloaded'],
    [{ type: 'error', error: { type: 'billing_error', message: 'm' } }, 402, 'billing'],
    [{ error: 'text' }, 404, 'not-found'],
    [null, 500, 'server'],
  ] as const)('reads %j as what it means', (body, status, kind) => {
    expect(format.decodeError(status, body)).toMatchObject({ kind, status });
  });

  it('is written with a type that clients of Anthropic know', () => {
    expect(format.encodeError({ kind: 'timeout', status: 504, message: 'm', type: 'server_error' })).toEqual({
      type: 'error',
      error: { type: 'timeout_error', message: 'm' },
    });
    expect(format.encodeError({ kind: 'server', status: 500, message: 'm', type: 'overloaded_error' })).toMatchObject({ error: { type: 'overloaded_error' } });
  });
});
