/** Small answers as the vendors send them: written from the public references of their APIs. */
const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export const anthropicMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'served-name',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 6, cache_read_input_tokens: 4, cache_creation_input_tokens: 0, output_tokens: 2 },
};

export const anthropicEvents: readonly string[] = [
  event('message_start', {
    type: 'message_start',
    message: { ...anthropicMessage, content: [], stop_reason: null, usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 1 } },
  }),
  event('content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  event('ping', { type: 'ping' }),
  event('content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } }),
  event('content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo 세계' } }),
  event('content_block_stop', { type: 'content_block_stop', index: 0 }),
  event('message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } }),
  event('message_stop', { type: 'message_stop' }),
];

export const geminiAnswer = {
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 12 },
  modelVersion: 'served-name',
  responseId: 'r1',
};

const geminiChunk = (text: string, more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }], modelVersion: 'served-name', responseId: 'r1', usageMetadata: geminiAnswer.usageMetadata })}\n\n`;
export const geminiEvents: readonly string[] = [geminiChunk('Hel'), geminiChunk('lo'), geminiChunk(' 세계', { finishReason: 'STOP' })];

export const responsesAnswer = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  model: 'served-name',
  output: [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Hello', annotations: [] }] }],
  parallel_tool_calls: true,
  previous_response_id: null,
  store: true,
  tool_choice: 'auto',
  tools: [],
  usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 2, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 12 },
};

const running = { ...responsesAnswer, status: 'in_progress', output: [], usage: null };
export const responsesEvents: readonly string[] = [
  event('response.created', { type: 'response.created', sequence_number: 0, response: running }),
  event('response.output_item.added', { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { type: 'message', id: 'msg_1' } }),
  event('response.output_text.delta', { type: 'response.output_text.delta', sequence_number: 2, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello' }),
  event('response.completed', { type: 'response.completed', sequence_number: 3, response: responsesAnswer }),
];

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-name', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const chatUsage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, prompt_tokens_details: { cached_tokens: 4 } };
export const chatEvents: readonly string[] = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hel' }),
  chunk({ content: 'lo' }),
  chunk({}, 'stop'),
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-name', choices: [], usage: chatUsage })}\n\n`,
  'data: [DONE]\n\n',
];
export const chatAnswer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'served-name',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: chatUsage,
};
