/** One API as a client and an upstream speak it. */
export interface Api {
  readonly name: 'chat' | 'messages' | 'responses';
  readonly path: string;
  readonly provider: string;
  request(stream: boolean): Record<string, unknown>;
  /** A whole answer that says `text`. */
  whole(text: string): unknown;
  /** Events before the first visible token. */
  readonly head: readonly string[];
  token(text: string): string;
  /** What ends a complete stream, with its usage; the marker of completeness stands in the last one. */
  readonly tail: readonly string[];
  /** Whether what a client has read says that the answer is complete. */
  looksComplete(text: string): boolean;
  /** Whether a client is told that the answer broke off. */
  tellsError(text: string): boolean;
  /** The words of a streamed answer. */
  streamedText(text: string): string;
  /** The words of the whole answer. */
  textOf(body: unknown): string;
  /** A refusal as this vendor writes it. */
  refusal(status: number, code: string, message: string): unknown;
}

type Json = Record<string, unknown>;
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const event = (type: string, more: object): string => `event: ${type}\n${data({ type, ...more })}`;
const at = (value: unknown, ...path: (string | number)[]): unknown => path.reduce<unknown>((found, key) => (found as Json | undefined)?.[key as string], value);

/** What stands at a path in each event of a stream, joined. */
const joined = (text: string, ...path: (string | number)[]): string =>
  [...text.matchAll(/^data: (\{.*)$/gm)]
    .map(([, json = '{}']) => at(JSON.parse(json), ...path))
    .filter((piece) => typeof piece === 'string')
    .join('');

const chunk = (delta: object, finish: string | null = null): string =>
  data({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] });

const chat: Api = {
  name: 'chat',
  path: '/v1/chat/completions',
  provider: 'openai',
  request: (stream) => ({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 50, stream }),
  whole: (text) => ({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  }),
  head: [chunk({ role: 'assistant', content: '' })],
  token: (text) => chunk({ content: text }),
  tail: [
    chunk({}, 'stop'),
    data({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    }),
    'data: [DONE]\n\n',
  ],
  looksComplete: (text) => text.includes('[DONE]') || /"finish_reason":"/.test(text),
  tellsError: (text) => /data: \{"error"/.test(text),
  streamedText: (text) => joined(text, 'choices', 0, 'delta', 'content'),
  textOf: (body) => String(at(body, 'choices', 0, 'message', 'content')),
  refusal: (status, code, message) => ({ error: { message, type: status === 400 ? 'invalid_request_error' : 'server_error', code } }),
};

const messages: Api = {
  name: 'messages',
  path: '/v1/messages',
  provider: 'anthropic',
  request: (stream) => ({ max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }], stream }),
  whole: (text) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 2 },
  }),
  head: [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ],
  token: (text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  tail: [
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } }),
    event('message_stop', {}),
  ],
  looksComplete: (text) => text.includes('message_stop') || text.includes('"end_turn"'),
  tellsError: (text) => /event: error\r?\ndata: \{"type":"error"/.test(text),
  streamedText: (text) => joined(text, 'delta', 'text'),
  textOf: (body) => String(at(body, 'content', 0, 'text')),
  refusal: (_status, code, message) => ({ type: 'error', error: { type: 'invalid_request_error', message: `${message} (${code})` } }),
};

const response = (status: string, text: string): Json => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  model: 'm',
  output: text === '' ? [] : [{ type: 'message', id: 'm1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }],
  ...(status === 'completed' ? { usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } } : {}),
});

const responses: Api = {
  name: 'responses',
  path: '/v1/responses',
  provider: 'openai',
  request: (stream) => ({ input: 'Hi', max_output_tokens: 50, store: false, stream }),
  whole: (text) => response('completed', text),
  head: [
    event('response.created', { sequence_number: 0, response: response('in_progress', '') }),
    event('response.in_progress', { sequence_number: 1, response: response('in_progress', '') }),
  ],
  token: (text) => event('response.output_text.delta', { sequence_number: 2, item_id: 'm1', output_index: 0, content_index: 0, delta: text }),
  tail: [event('response.completed', { sequence_number: 9, response: response('completed', 'Hello') })],
  looksComplete: (text) => text.includes('response.completed') || text.includes('response.incomplete'),
  tellsError: (text) => /event: (error|response\.failed)\r?\n/.test(text),
  streamedText: (text) => joined(text, 'delta'),
  textOf: (body) => String(at(body, 'output', 0, 'content', 0, 'text')),
  refusal: chat.refusal,
};

export const APIS: readonly Api[] = [chat, messages, responses];
