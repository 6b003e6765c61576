import { type FakeHandler, type FakeUpstream, startFakeUpstream } from '../conformance/fake-upstream.ts';

/** What every model of this upstream says; clients are checked against it. */
const TEXT = 'Hello from the model';
const TOOL = { name: 'get_weather', arguments: '{"city":"Seoul"}' };

type Json = Readonly<Record<string, unknown>>;
type Write = (status: number, type: string, body: string | Buffer) => void;

/** A server that speaks every format: it calls the first tool it is offered, and says its text once it has the result. */
export const startScriptedUpstream = (): Promise<FakeUpstream> => startFakeUpstream(handle);

const handle: FakeHandler = (request, response) => {
  const write: Write = (status, type, body) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
  const path = request.url.split('?')[0] ?? '';
  if (path.endsWith('/audio/transcriptions')) return write(200, 'application/json', JSON.stringify({ text: TEXT, usage: { type: 'duration', seconds: 1 } }));
  const body = JSON.parse(request.body.toString('utf8')) as Json;
  if (path.endsWith('/chat/completions')) return answer(write, chat(body), body['stream'] === true);
  if (path.endsWith('/messages/count_tokens')) return write(200, 'application/json', '{"input_tokens":7}');
  if (path.endsWith('/messages')) return answer(write, messages(body), body['stream'] === true);
  if (path.endsWith('/responses')) return answer(write, responses(body), body['stream'] === true);
  if (path.endsWith(':countTokens')) return write(200, 'application/json', '{"totalTokens":7}');
  if (path.includes(':')) return answer(write, gemini(body), path.endsWith(':streamGenerateContent'));
  if (path.endsWith('/audio/speech')) return write(200, 'audio/mpeg', Buffer.from([1, 2, 3, 4]));
  const other = OTHERS.find(([end]) => path.endsWith(end));
  return write(other === undefined ? 404 : 200, 'application/json', JSON.stringify(other?.[1] ?? { error: { message: `nothing at ${path}` } }));
};

const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, prompt_tokens_details: { cached_tokens: 4 } };
const OTHERS: readonly (readonly [string, object])[] = [
  [
    '/completions',
    { id: 'c', object: 'text_completion', created: 1, model: 'm', choices: [{ index: 0, text: TEXT, finish_reason: 'stop', logprobs: null }], usage },
  ],
  [
    '/embeddings',
    { object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }], usage: { prompt_tokens: 2, total_tokens: 2 } },
  ],
  ['/moderations', { id: 'm', model: 'm', results: [{ flagged: false, categories: {}, category_scores: {} }] }],
  ['/images/generations', { created: 1, data: [{ b64_json: 'AAAA' }], usage: { input_tokens: 5, output_tokens: 100, total_tokens: 105 } }],
  ['/rerank', { id: 'r', results: [{ index: 0, relevance_score: 0.9 }], usage: { total_tokens: 9 } }],
];

interface Script {
  readonly whole: object;
  readonly events: readonly string[];
}

const answer = (write: Write, { whole, events }: Script, stream: boolean): void =>
  stream ? write(200, 'text/event-stream', events.join('')) : write(200, 'application/json', JSON.stringify(whole));

const wordsOf = (text: string): readonly string[] => text.match(/\S+\s*/g) ?? [];
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { readonly type: string }): string => `event: ${value.type}\n${data(value)}`;
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const isFilled = (value: unknown): boolean => listOf(value).length > 0;

function chat(body: Json): Script {
  const calls = isFilled(body['tools']) && listOf(body['messages']).at(-1)?.['role'] !== 'tool';
  const base = { id: 'chatcmpl-1', created: 1_760_000_000, model: 'm' };
  const call = { id: 'call_1', type: 'function', function: TOOL };
  const message = calls ? { role: 'assistant', content: null, tool_calls: [call] } : { role: 'assistant', content: TEXT };
  const finish = calls ? 'tool_calls' : 'stop';
  const chunk = (delta: object, reason: string | null = null): string =>
    data({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] });
  const deltas = calls
    ? [
        { tool_calls: [{ index: 0, ...call, function: { name: TOOL.name, arguments: '' } }] },
        { tool_calls: [{ index: 0, function: { arguments: TOOL.arguments } }] },
      ]
    : wordsOf(TEXT).map((content) => ({ content }));
  return {
    whole: { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish, logprobs: null }], usage },
    events: [
      chunk({ role: 'assistant', content: '' }),
      ...deltas.map((delta) => chunk(delta)),
      chunk({}, finish),
      data({ ...base, object: 'chat.completion.chunk', choices: [], usage }),
      'data: [DONE]\n\n',
    ],
  };
}

function messages(body: Json): Script {
  const last = listOf(body['messages']).at(-1)?.['content'];
  const calls = isFilled(body['tools']) && !listOf(last).some((part) => part['type'] === 'tool_result');
  const counts = { input_tokens: 8, cache_read_input_tokens: 4, cache_creation_input_tokens: 0, output_tokens: 5 };
  const base = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null, usage: counts };
  const block = calls ? { type: 'tool_use', id: 'toolu_1', name: TOOL.name, input: JSON.parse(TOOL.arguments) as object } : { type: 'text', text: TEXT };
  const stop = calls ? 'tool_use' : 'end_turn';
  const deltas = calls
    ? [
        { type: 'input_json_delta', partial_json: '{"city":' },
        { type: 'input_json_delta', partial_json: '"Seoul"}' },
      ]
    : wordsOf(TEXT).map((text) => ({ type: 'text_delta', text }));
  return {
    whole: { ...base, content: [block], stop_reason: stop },
    events: [
      named({ type: 'message_start', message: { ...base, content: [], stop_reason: null } } as { type: string }),
      named({ type: 'content_block_start', index: 0, content_block: calls ? { ...block, input: {} } : { type: 'text', text: '' } } as { type: string }),
      ...deltas.map((delta) => named({ type: 'content_block_delta', index: 0, delta } as { type: string })),
      named({ type: 'content_block_stop', index: 0 } as { type: string }),
      named({ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 5 } } as { type: string }),
      named({ type: 'message_stop' }),
    ],
  };
}

let made = 0;

function responses(body: Json): Script {
  made += 1;
  const calls = isFilled(body['tools']) && listOf(body['input']).at(-1)?.['type'] !== 'function_call_output';
  const text = { type: 'output_text', text: TEXT, annotations: [] };
  const item = calls
    ? { type: 'function_call', id: 'fc_1', call_id: 'call_1', status: 'completed', ...TOOL }
    : { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [text] };
  const counts = {
    input_tokens: 12,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 17,
  };
  const base = { id: `resp_${made}`, object: 'response', created_at: 1_760_000_000, model: 'm', error: null, incomplete_details: null, instructions: null };
  const settings = {
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    top_p: 1,
    tool_choice: 'auto',
    tools: body['tools'] ?? [],
  };
  const whole = { ...base, ...settings, status: 'completed', output: [item], usage: counts };
  const running = { ...whole, status: 'in_progress', output: [], usage: null };
  const place = { item_id: item.id, output_index: 0 };
  const inner: readonly object[] = calls
    ? [
        { type: 'response.function_call_arguments.delta', ...place, delta: TOOL.arguments },
        { type: 'response.function_call_arguments.done', ...place, arguments: TOOL.arguments },
      ]
    : [
        { type: 'response.content_part.added', ...place, content_index: 0, part: { ...text, text: '' } },
        ...wordsOf(TEXT).map((delta) => ({ type: 'response.output_text.delta', ...place, content_index: 0, delta })),
        { type: 'response.output_text.done', ...place, content_index: 0, text: TEXT },
        { type: 'response.content_part.done', ...place, content_index: 0, part: text },
      ];
  const events: readonly object[] = [
    { type: 'response.created', response: running },
    { type: 'response.in_progress', response: running },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: calls ? { ...item, arguments: '', status: 'in_progress' } : { ...item, content: [], status: 'in_progress' },
    },
    ...inner,
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return { whole, events: events.map((event, index) => named({ ...event, sequence_number: index } as unknown as { type: string })) };
}

function gemini(body: Json): Script {
  const turns = listOf(body['contents']);
  const calls = isFilled(body['tools']) && !listOf(turns.at(-1)?.['parts']).some((part) => part['functionResponse'] !== undefined);
  const counts = { promptTokenCount: 12, cachedContentTokenCount: 4, candidatesTokenCount: 5, totalTokenCount: 17 };
  const base = { modelVersion: 'm', responseId: 'r1', usageMetadata: counts };
  const parts = calls ? [{ functionCall: { name: TOOL.name, args: JSON.parse(TOOL.arguments) as object } }] : wordsOf(TEXT).map((text) => ({ text }));
  const candidate = (some: readonly object[], finishReason?: string): object => ({
    index: 0,
    content: { role: 'model', parts: some },
    ...(finishReason === undefined ? {} : { finishReason }),
  });
  return {
    whole: { ...base, candidates: [candidate(calls ? parts : [{ text: TEXT }], 'STOP')] },
    events: parts.map((part, index) => data({ ...base, candidates: [candidate([part], index === parts.length - 1 ? 'STOP' : undefined)] })),
  };
}
