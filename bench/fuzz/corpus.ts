/** Small honest inputs that mutations start from: written from the public references of the vendors. */
const json = (value: unknown): string => JSON.stringify(value);
const data = (value: unknown): string => `data: ${json(value)}\n\n`;
const named = (type: string, value: object): string => `event: ${type}\n${data({ type, ...value })}`;

const messages = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Hi "there" \\ 한국어 \u0000' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ],
  },
  { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
  { role: 'tool', tool_call_id: 'c1', content: 'ok' },
];
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'number' } } } } }];

export const CHAT_BODIES: readonly string[] = [
  json({ model: 'auto', messages, tools, temperature: 0.2, max_tokens: 9 }),
  json({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }], stream: true, stream_options: { include_usage: true } }),
  json({
    messages: [{ role: 'user', content: 'x'.repeat(500) }],
    stop: ['a'],
    response_format: { type: 'json_object' },
    model: 'auto',
    drop_params: true,
    seed: 1,
  }),
];

const chunk = (delta: object, finish: string | null = null): string =>
  data({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] });
export const CHAT_STREAM = [
  chunk({ role: 'assistant', content: '' }),
  ': a comment\n\n',
  chunk({ content: 'Hello 세계' }),
  chunk({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] }),
  chunk({}, 'tool_calls'),
  data({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } }),
  'data: [DONE]\n\n',
].join('');

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 5, output_tokens: 1 } };
const ANTHROPIC_STREAM = [
  named('message_start', { message }),
  named('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
  named('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }),
  named('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } }),
  named('content_block_stop', { index: 0 }),
  named('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 't1', name: 'f', input: {} } }),
  named('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } }),
  named('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '1}' } }),
  named('content_block_stop', { index: 1 }),
  named('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } }),
  named('message_stop', {}),
].join('');

const response = { id: 'resp_1', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [] };
const RESPONSES_STREAM = [
  named('response.created', { sequence_number: 0, response }),
  named('response.output_item.added', { sequence_number: 1, output_index: 0, item: { type: 'message', id: 'm1', role: 'assistant', content: [] } }),
  named('response.content_part.added', {
    sequence_number: 2,
    item_id: 'm1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  }),
  named('response.output_text.delta', { sequence_number: 3, item_id: 'm1', output_index: 0, content_index: 0, delta: 'Hello' }),
  named('response.output_item.done', {
    sequence_number: 4,
    output_index: 0,
    item: { type: 'message', id: 'm1', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] },
  }),
  named('response.completed', {
    sequence_number: 5,
    response: { ...response, status: 'completed', usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } },
  }),
].join('');

const part = (text: string, more: object = {}): string =>
  data({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
  });
const GEMINI_STREAM = part('Hel') + part('lo', { finishReason: 'STOP' });

const COHERE_STREAM = [
  named('message-start', { id: '1', delta: { message: { role: 'assistant' } } }),
  named('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
  named('content-delta', { index: 0, delta: { message: { content: { text: 'Hello' } } } }),
  named('content-end', { index: 0 }),
  named('message-end', { delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 5, output_tokens: 2 } } } }),
].join('');

/** A whole stream per format that is sent as server-sent events. */
export const STREAMS = {
  'openai-chat': CHAT_STREAM,
  'anthropic-messages': ANTHROPIC_STREAM,
  'openai-responses': RESPONSES_STREAM,
  gemini: GEMINI_STREAM,
  'cohere-chat': COHERE_STREAM,
} as const;

/** Requests per format. */
export const REQUESTS = {
  'openai-chat': CHAT_BODIES,
  'anthropic-messages': [
    json({
      model: 'm',
      max_tokens: 9,
      system: 'x',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }],
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
    }),
    json({
      model: 'm',
      max_tokens: 9,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
      ],
    }),
  ],
  'openai-responses': [
    json({
      model: 'm',
      input: 'Hi',
      instructions: 'x',
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
      reasoning: { effort: 'low' },
    }),
    json({
      model: 'm',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'x' }] },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'x' },
      ],
    }),
  ],
  gemini: [
    json({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }],
      generationConfig: { maxOutputTokens: 9, stopSequences: ['a'] },
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
    }),
  ],
} as const;

export const BOUNDARY = 'fuzz7b';
const partOf = (headers: string, content: string): string => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${headers}\r\n\r\n${content}\r\n`;
export const MULTIPART: readonly string[] = [
  `${partOf('name="model"', 'listener')}${partOf('name="file"; filename="a.wav"', 'RIFF\r\n--fuzz\r\n')}--${BOUNDARY}--\r\n`,
  `${partOf('name="file"; filename="model"', '\u0000'.repeat(200))}${partOf('name="language"', 'ko')}${partOf('name="model"', 'listener')}--${BOUNDARY}--`,
];

export const YAML: readonly string[] = [
  'apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: { name: a }\nspec:\n  provider: { name: openai-compatible, model: m, baseUrl: http://127.0.0.1:1/v1 }\n',
  'apiVersion: maru.dev/v1alpha1\nkind: Route\nmetadata:\n  name: r\nspec:\n  backends:\n    - &a { model: x, weight: 1 }\n    - *a\n---\nkind: Agent\n',
];
