import type { ServerResponse } from 'node:http';
import type { WireFormat } from '../../packages/platform/src/formats/index.ts';
import { formatEventStream } from '../../packages/platform/src/http/index.ts';
import { answerJson, type FakeHandler } from './fake-upstream.ts';

export type VendorFormat = Exclude<WireFormat, 'openai-completions'>;

/** How one vendor answers: a whole answer, and the pieces of a stream with `count` deltas. */
interface Vendor {
  /** The field that a request can not be without. */
  readonly needs: string;
  readonly type: string;
  readonly answer: object;
  readonly pieces: (count: number) => readonly (string | Buffer)[];
  readonly error: object;
}

const data = (value: object, event?: string): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;
const binary = (event: string, value: object): Buffer =>
  formatEventStream({ headers: { ':message-type': 'event', ':event-type': event }, payload: Buffer.from(JSON.stringify(value)) });
const many = <T>(count: number, piece: T): T[] => Array.from({ length: count }, () => piece);

const gemini = (text: string, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
  modelVersion: 'test-model',
  responseId: 'r1',
});
const geminiUsage = { promptTokenCount: 12, candidatesTokenCount: 7, totalTokenCount: 19 };
const anthropicUsage = { input_tokens: 12, output_tokens: 7 };
const typed = (type: string, fields: object = {}): string => data({ type, ...fields }, type);

const finishedResponse = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'test-model',
  output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Hello there.', annotations: [] }] }],
  usage: { input_tokens: 12, output_tokens: 7, total_tokens: 19 },
};

/** Written from the public references of the vendors. */
const VENDORS: Readonly<Record<VendorFormat, Vendor>> = {
  gemini: {
    needs: 'contents',
    type: 'text/event-stream',
    answer: { ...gemini('Hello there.', { finishReason: 'STOP' }), usageMetadata: geminiUsage },
    pieces: (count) => [...many(count, data(gemini('Hello '))), data({ ...gemini('there.', { finishReason: 'STOP' }), usageMetadata: geminiUsage })],
    error: { error: { code: 400, message: 'contents is missing', status: 'INVALID_ARGUMENT' } },
  },
  'anthropic-messages': {
    needs: 'messages',
    type: 'text/event-stream',
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'test-model',
      content: [{ type: 'text', text: 'Hello there.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: anthropicUsage,
    },
    pieces: (count) => [
      typed('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'test-model', content: [], usage: anthropicUsage } }),
      typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...many(count, typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello ' } })),
      typed('content_block_stop', { index: 0 }),
      typed('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 7 } }),
      typed('message_stop'),
    ],
    error: { type: 'error', error: { type: 'invalid_request_error', message: 'messages is missing' } },
  },
  'bedrock-converse': {
    needs: 'messages',
    type: 'application/vnd.amazon.eventstream',
    answer: {
      output: { message: { role: 'assistant', content: [{ text: 'Hello there.' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 },
    },
    pieces: (count) => [
      binary('messageStart', { role: 'assistant' }),
      ...many(count, binary('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hello ' } })),
      binary('contentBlockStop', { contentBlockIndex: 0 }),
      binary('messageStop', { stopReason: 'end_turn' }),
      binary('metadata', { usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 } }),
    ],
    error: { message: 'messages is missing' },
  },
  'cohere-chat': {
    needs: 'messages',
    type: 'text/event-stream',
    answer: {
      id: 'c1',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hello there.' }] },
      usage: { billed_units: { input_tokens: 12, output_tokens: 7 } },
    },
    pieces: (count) => [
      typed('message-start', { id: 'c1', delta: { message: { role: 'assistant' } } }),
      typed('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
      ...many(count, typed('content-delta', { index: 0, delta: { message: { content: { text: 'Hello ' } } } })),
      typed('content-end', { index: 0 }),
      typed('message-end', { delta: { finish_reason: 'COMPLETE', usage: { billed_units: { input_tokens: 12, output_tokens: 7 } } } }),
    ],
    error: { message: 'messages is missing' },
  },
  'openai-responses': {
    needs: 'input',
    type: 'text/event-stream',
    answer: finishedResponse,
    pieces: (count) => {
      const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'in_progress', content: [] };
      const part = { item_id: 'msg_1', output_index: 0, content_index: 0 };
      return [
        typed('response.created', { response: { id: 'resp_1', object: 'response', status: 'in_progress', model: 'test-model', output: [] } }),
        typed('response.output_item.added', { output_index: 0, item }),
        typed('response.content_part.added', { ...part, part: { type: 'output_text', text: '', annotations: [] } }),
        ...many(count, typed('response.output_text.delta', { ...part, delta: 'Hello ' })),
        typed('response.content_part.done', { ...part, part: { type: 'output_text', text: 'Hello ', annotations: [] } }),
        typed('response.output_item.done', { output_index: 0, item: { ...item, status: 'completed' } }),
        typed('response.completed', { response: finishedResponse }),
      ];
    },
    error: { error: { message: 'input is missing', type: 'invalid_request_error', code: null, param: 'input' } },
  },
  'openai-chat': {
    needs: 'messages',
    type: 'text/event-stream',
    answer: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'test-model',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 },
    },
    pieces: (count) => {
      const chunk = (fields: object): string => data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'test-model', ...fields });
      const delta = (fields: object, reason: string | null = null): string => chunk({ choices: [{ index: 0, delta: fields, finish_reason: reason }] });
      return [
        delta({ role: 'assistant', content: '' }),
        ...many(count, delta({ content: 'Hello ' })),
        delta({}, 'stop'),
        chunk({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 } }),
        'data: [DONE]\n\n',
      ];
    },
    error: { error: { message: 'messages is required', type: 'invalid_request_error', code: null, param: 'messages' } },
  },
};

/** The text that makes a vendor stream many pieces. */
export const LONG_PROMPT = 'a very long answer, please';

/** Plays the chat API of a vendor; streams what is asked for with `stream` in the body or in the path. */
export function playVendor(format: VendorFormat): FakeHandler {
  const vendor = VENDORS[format];
  return async (request, response) => {
    const text = request.body.toString('utf8');
    const body = JSON.parse(text) as Record<string, unknown>;
    if (body[vendor.needs] === undefined) answerJson(response, vendor.error, 400);
    else if (body['stream'] === true || /stream/i.test(request.url))
      await writePieces(response, vendor.type, vendor.pieces(text.includes(LONG_PROMPT) ? 300 : 2));
    else answerJson(response, vendor.answer);
  };
}

/** The stream of a vendor without its last `missing` pieces. */
export function playCutVendor(format: VendorFormat, missing: number): FakeHandler {
  const vendor = VENDORS[format];
  return (_request, response) => writePieces(response, vendor.type, vendor.pieces(2).slice(0, -missing));
}

async function writePieces(response: ServerResponse, type: string, pieces: readonly (string | Buffer)[]): Promise<void> {
  response.writeHead(200, { 'content-type': type });
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}
