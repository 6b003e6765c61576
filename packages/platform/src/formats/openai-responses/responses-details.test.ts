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
import { openaiResponses as format } from './openai-responses.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url));
const answerOf = (name: string): CanonicalAnswer => format.decodeAnswer(JSON.parse(fixture(name).toString()));
const decode = (body: object): CanonicalRequest => format.decodeRequest({ model: 'm', input: 'x', ...body }).request;
const encode = (fields: Partial<CanonicalRequest>): ReturnType<typeof format.encodeRequest> => format.encodeRequest({ ...decode({}), ...fields });
const context = (body: object = {}): AnswerContext => ({ id: 'abc', createdS: 1, request: decode(body) });
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
interface Wire {
  readonly type: string;
  readonly sequence_number: number;
  readonly [name: string]: unknown;
}
const eventsOf = (stream: string): Wire[] => [...stream.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Wire);
const sse = (...events: object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const paramOf = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

describe('responses request', () => {
  const input = (...items: object[]): object => ({ model: 'm', input: items });

  it.each([
    ['no model', { input: 'x' }, 'model'],
    ['no input', { model: 'm' }, 'input'],
    ['an unknown role', input({ role: 'tool', content: 'x' }), 'input[0].role'],
    ['content of a wrong type', input({ role: 'user', content: 5 }), 'input[0].content'],
    ['an unknown part', input({ role: 'user', content: [{ type: 'smell' }] }), 'input[0].content[0].type'],
    ['a picture of no address', input({ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }), 'input[0].content[0].image_url'],
    ['a file of nothing', input({ role: 'user', content: [{ type: 'input_file' }] }), 'input[0].content[0].file_data'],
    ['a call without an id', input({ type: 'function_call', name: 'f' }), 'input[0].call_id'],
    ['an output without its call', input({ type: 'function_call_output', output: 'x' }), 'input[0].call_id'],
    [
      'sound as an output',
      input({ type: 'function_call_output', call_id: '1', output: [{ type: 'input_audio', input_audio: { data: 'A', format: 'wav' } }] }),
      'input[0].output[0].type',
    ],
    ['a nameless tool', { ...input({ role: 'user', content: 'x' }), tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['an unknown format', { ...input({ role: 'user', content: 'x' }), text: { format: { type: 'xml' } } }, 'text.format.type'],
    ['an unknown effort', { ...input({ role: 'user', content: 'x' }), reasoning: { effort: 'mega' } }, 'reasoning.effort'],
    ['an unknown choice', { ...input({ role: 'user', content: 'x' }), tool_choice: 'maybe' }, 'tool_choice'],
    ['a wrong list', { ...input({ role: 'user', content: 'x' }), include: 'all' }, 'include'],
  ])('refuses %s, naming the field', (_name, body, param) => {
    expect(paramOf(body)).toBe(param);
  });

  it('joins the items of one turn, and writes them as items again', () => {
    const body = JSON.parse(fixture('request-codex.json').toString()) as { input: Record<string, unknown>[]; instructions: string };
    const request = decode(body);
    const again = format.encodeRequest(request).body as unknown as { input: Record<string, unknown>[]; instructions: string };
    const strip = ({ id: _id, status: _status, ...item }: Record<string, unknown>): unknown =>
      item['type'] === 'reasoning' ? { ...item, content: undefined } : item;

    expect(request.messages.map((message) => message.role)).toEqual([
      'system',
      'developer',
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
      'user',
    ]);
    expect(again.instructions).toBe(body.instructions);
    expect(again.input.map(strip)).toEqual(body.input.map(strip));
    expect(again).toMatchObject({
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'thread-1',
      parallel_tool_calls: false,
    });
  });

  it('keeps what belongs to the store of responses, and items of its own', () => {
    const body = {
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      ],
      previous_response_id: 'resp_1',
      background: true,
      tools: [{ type: 'web_search' }],
      tool_choice: { type: 'web_search' },
      include: ['web_search_call.action.sources'],
      truncation: 'auto',
    };
    const request = decode(body);

    expect(Object.keys(request.extra?.fields ?? {}).sort()).toEqual(['background', 'include', 'previous_response_id', 'tool_choice', 'truncation']);
    expect(format.encodeRequest(request)).toMatchObject({ body, dropped: [] });
    expect(decode({ truncation: 'disabled' }).extra).toBeUndefined();
  });

  it('says strict of every function, because absent means strict here', () => {
    const { body } = encode({
      tools: [
        { type: 'function', name: 'f', parameters: {} },
        { type: 'function', name: 'g', parameters: {}, strict: true },
      ],
    });

    expect(body['tools']).toMatchObject([{ strict: false }, { strict: true }]);
    expect(decode({ tools: [{ type: 'function', name: 'f', strict: false, parameters: {} }] }).tools).toEqual([
      { type: 'function', name: 'f', parameters: {} },
    ]);
  });

  it('asks for reasoning that can be sent again, and to see it where thinking was switched on', () => {
    expect(encode({ reasoning: { mode: 'on', budgetTokens: 2000 } }).body).toMatchObject({
      reasoning: { effort: 'medium', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
    });
    expect(encode({ reasoning: { mode: 'adaptive', summary: 'none' } }).body['reasoning']).toBeUndefined();
    expect(encode({ reasoning: { mode: 'off' } }).body).toMatchObject({ reasoning: { effort: 'none' } });
    expect(encode({ reasoning: { mode: 'off' } }).body).not.toHaveProperty('include');
    expect(decode({ reasoning: { generate_summary: 'concise' }, include: ['reasoning.encrypted_content'] }).reasoning).toEqual({
      summary: 'concise',
      sealed: true,
    });
  });

  it.each([
    [
      { type: 'function', name: 'f' },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', name: 'p' },
      { type: 'tool', name: 'p' },
    ],
    [
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'p' },
        ],
      },
      { type: 'allowed', mode: 'auto', names: ['f', 'p'] },
    ],
    ['required', { type: 'required' }],
  ])('reads and writes the tool choice %j', (tool_choice, choice) => {
    const request = decode({
      tools: [
        { type: 'function', name: 'f' },
        { type: 'custom', name: 'p' },
      ],
      tool_choice,
    });

    expect(request.toolChoice).toEqual(choice);
    expect(format.encodeRequest(request).body['tool_choice']).toEqual(tool_choice);
  });

  it('takes reasoning back with its id, and leaves out ids that the platform made up', () => {
    const of = (item: object): unknown => decode({ input: [{ type: 'reasoning', summary: [], ...item }] }).messages[0]?.content[0];

    expect(of({ id: 'rs_1', encrypted_content: 'e' })).toEqual({
      type: 'reasoning',
      text: '',
      seal: { format: 'openai-responses', kind: 'encrypted', value: 'e', id: 'rs_1' },
    });
    expect(of({ id: 'rs_1' })).toEqual({ type: 'reasoning', text: '', seal: { format: 'openai-responses', kind: 'signature', value: '', id: 'rs_1' } });
    expect(of({ id: 'rs_maru_abc_0', content: [{ type: 'reasoning_text', text: 'hm' }] })).toEqual({ type: 'reasoning', text: 'hm' });
    expect(of({ id: 'rs_maru_abc_0', encrypted_content: 'maru:anthropic-messages:signature::s' })).toEqual({
      type: 'reasoning',
      text: '',
      seal: { format: 'anthropic-messages', kind: 'signature', value: 's' },
    });
  });

  it('sends a reference to reasoning that OpenAI keeps as such', () => {
    const { body } = format.encodeRequest(
      decode({
        input: [
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { role: 'user', content: 'x' },
        ],
      }),
    );

    expect(body['input']).toMatchObject([{ id: 'rs_1', type: 'reasoning', summary: [] }, {}]);
    expect(JSON.stringify(body['input'])).not.toContain('encrypted_content');
  });

  it('says in words that a tool failed', () => {
    const result = (content: Extract<CanonicalMessage, { role: 'tool' }>['content'][number]['content']): CanonicalMessage => ({
      role: 'tool',
      content: [{ type: 'tool-result', callId: '1', content, isError: true }],
    });
    const { body } = encode({
      messages: [result([{ type: 'text', text: 'no file' }]), result([{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }]), result([])],
    });

    expect(body['input']).toMatchObject([
      { output: 'Error: no file' },
      { output: [{ type: 'input_text', text: 'Error' }, { type: 'input_image' }] },
      { output: 'Error' },
    ]);
  });

  it('names what it can not send', () => {
    const { dropped } = encode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'file', id: 'f', format: 'anthropic-messages' } },
            { type: 'document', source: { type: 'file', id: 'f', format: 'gemini' } },
            { type: 'document', source: { type: 'text', text: 'x' }, citations: true, cache: {} },
            { type: 'audio', source: { type: 'url', url: 'https://a/b.mp3' } },
            { type: 'video', source: { type: 'url', url: 'https://a/b.mp4' } },
          ],
        },
      ],
      stop: ['END'],
      seed: 1,
    });

    expect(dropped.map((item) => `${item.field} ${item.weight}`)).toEqual([
      'stop meaning',
      'seed meaning',
      'messages[0].content[0] meaning',
      'messages[0].content[1] meaning',
      'cache hint',
      'messages[0].content[2].citations meaning',
      'messages[0].content[3] meaning',
      'messages[0].content[4] meaning',
    ]);
  });
});

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
