import { describe, expect, it } from 'vitest';
import { ASK_APIS, type Ask } from './ask.ts';
import { readGemini } from './read-gemini.ts';
import { createMessagesReader } from './read-messages.ts';
import { readResponses } from './read-responses.ts';
import { LANGUAGES, requestCode } from './request-code.ts';
import { toRequest } from './to-request.ts';

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const ask: Ask = {
  api: 'chat',
  model: 'auto',
  system: 'Be brief.',
  messages: [{ role: 'user', content: 'What is "this"?' }],
  stream: true,
  temperature: 0.5,
  tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }],
  schema,
  image: { mediaType: 'image/png', data: 'AAAA' },
};

describe('a question in the form of an API', () => {
  it('is the body that the API wants', () => {
    expect(toRequest(ask)).toMatchObject({
      path: '/v1/chat/completions',
      body: {
        messages: [{ role: 'system' }, { role: 'user', content: [{ type: 'text' }, { image_url: { url: 'data:image/png;base64,AAAA' } }] }],
        response_format: { json_schema: { schema } },
        stream_options: { include_usage: true },
      },
    });
    expect(toRequest({ ...ask, api: 'messages' }).body).toMatchObject({
      system: 'Be brief.',
      max_tokens: 4096,
      tools: [{ name: 'weather', input_schema: schema }],
    });
    expect(toRequest({ ...ask, api: 'responses' }).body).toMatchObject({
      instructions: 'Be brief.',
      tools: [{ type: 'function', name: 'weather' }],
      text: { format: { schema } },
    });
    expect(toRequest({ ...ask, api: 'gemini' })).toMatchObject({
      path: '/v1beta/models/auto:streamGenerateContent?alt=sse',
      body: { tools: [{ functionDeclarations: [{ name: 'weather' }] }], generationConfig: { temperature: 0.5, responseJsonSchema: schema } },
    });
  });

  it.each(ASK_APIS)('leaves out what is not asked for (%s)', (api) => {
    const { body } = toRequest({ ...ask, api, system: ' ', stream: false, temperature: undefined, tools: [], schema: undefined, image: undefined });

    expect(Object.values(body)).not.toContain(undefined);
    for (const field of ['system', 'instructions', 'systemInstruction', 'tools', 'stream', 'response_format', 'generationConfig'])
      expect(body).not.toHaveProperty(field);
  });
});

describe('the code of a question', () => {
  it.each(ASK_APIS.flatMap((api) => LANGUAGES.map((language) => ({ api, language }))))(
    'has the address and the model, and no key ($api, $language)',
    ({ api, language }) => {
      const code = requestCode({ ...ask, api }, { language, origin: 'http://localhost:4000' });

      expect(code).toContain('localhost:4000');
      expect(code).toContain('auto');
      expect(code).toContain('MARU_KEY');
      expect(code).not.toContain('AAAA');
    },
  );

  it('quotes for the shell and for Python', () => {
    const quoted = { ...ask, messages: [{ role: 'user' as const, content: "it's" }] };

    expect(requestCode(quoted, { language: 'curl', origin: 'http://h' })).toContain(`it'\\''s`);
    expect(requestCode(ask, { language: 'python', origin: 'http://h' })).toContain('"stream": True');
  });
});

describe('answers of other APIs', () => {
  it('are read from the events of Anthropic', () => {
    const read = createMessagesReader();
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 9, cache_read_input_tokens: 4, output_tokens: 1 } } },
      { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_start', content_block: { type: 'tool_use', name: 'weather', input: {} } },
      { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'message_delta', delta: {}, usage: { output_tokens: 7 } },
      { type: 'ping' },
    ];

    expect(events.flatMap((event) => [...read(event)])).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'call-start', name: 'weather' },
      { type: 'call-delta', text: '{}' },
      { type: 'usage', usage: { inputTokens: 9, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0 } },
    ]);
    expect(createMessagesReader()({ type: 'message', content: [{ type: 'text', text: 'Whole' }], usage: { input_tokens: 1 } })[0]).toEqual({
      type: 'text',
      text: 'Whole',
    });
  });

  it('are read from the events of responses, and from a whole one', () => {
    const usage = { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 }, output_tokens_details: { reasoning_tokens: 2 } };

    expect(readResponses({ type: 'response.output_text.delta', delta: 'Hi' })).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(readResponses({ type: 'response.completed', response: { usage } })).toMatchObject([
      { usage: { inputTokens: 6, cacheReadTokens: 4, outputTokens: 3, reasoningTokens: 2 } },
    ]);
    expect(
      readResponses({
        output: [
          { type: 'message', content: [{ text: 'Whole' }] },
          { type: 'function_call', name: 'f', arguments: '{}' },
        ],
        usage,
      }),
    ).toHaveLength(4);
  });

  it('are read from Gemini', () => {
    const parts = [{ text: 'thinking', thought: true }, { text: 'Hi' }, { functionCall: { name: 'f', args: { a: 1 } } }];
    const usageMetadata = { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 5 };

    expect(readGemini({ candidates: [{ content: { parts } }], usageMetadata })).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'call-start', name: 'f' },
      { type: 'call-delta', text: '{"a":1}' },
      { type: 'usage', usage: { inputTokens: 6, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 0 } },
    ]);
  });

  it.each([readResponses, readGemini, createMessagesReader()])('pass over what they do not know', (read) => {
    expect(read('nothing')).toEqual([]);
    expect(read({ type: 'new.event' })).toEqual([]);
  });
});
