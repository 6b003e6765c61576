import { describe, expect, it } from 'vitest';
import type { CanonicalMessage } from '../canonical/message.ts';
import { decode, encode, fixture, paramOf } from './__fixtures__/play-responses.ts';
import { openaiResponses as format } from './openai-responses.ts';

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
