import { describe, expect, it } from 'vitest';
import { decode, paramOf } from './__fixtures__/play-chat.ts';
import { openaiChat as format } from './openai-chat.ts';

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
