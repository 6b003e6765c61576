import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerGemini, answerMistral, type BatchCall, type BatchProvider, type ProviderBatch, wordsOf } from './batch-forms.ts';

/** The batch APIs of OpenAI, Azure, Anthropic, Mistral and Gemini as their public references describe them (written, not recorded), over a real socket. */
export async function startBatchProvider(): Promise<BatchProvider> {
  const files = new Map<string, string>();
  /** Of Azure, which looks at a file before a batch may name it. */
  const unseen = new Set<string>();
  const provider: { -readonly [K in keyof BatchProvider]: BatchProvider[K] } = {
    url: '',
    origin: '',
    batches: [],
    keys: new Set(),
    direct: 0,
    loseAnswers: 0,
    end: () => {
      for (const batch of provider.batches) if (batch.state === 'running') batch.state = 'ended';
    },
    close: () => Promise.resolve(),
  };
  const find = (id: string | undefined): ProviderBatch | undefined => provider.batches.find((batch) => batch.id === id);
  const add = (batch: Omit<ProviderBatch, 'id' | 'state'>): ProviderBatch => {
    const added: ProviderBatch = { ...batch, id: `${batch.form}_batch_${provider.batches.length}`, state: 'running' };
    provider.batches.push(added);
    return added;
  };

  const openaiBatch = (batch: ProviderBatch): object => {
    const over = batch.state !== 'running';
    return {
      id: batch.id,
      object: 'batch',
      status: batch.state === 'running' ? 'in_progress' : batch.state === 'ended' ? 'completed' : 'cancelled',
      output_file_id: over ? `out_${batch.id}` : null,
      error_file_id: over ? `err_${batch.id}` : null,
      errors: null,
      metadata: batch.metadata,
    };
  };
  const anthropicBatch = (batch: ProviderBatch): object => ({
    id: batch.id,
    type: 'message_batch',
    processing_status: batch.state === 'running' ? 'in_progress' : 'ended',
    created_at: new Date(Date.now()).toISOString(),
    request_counts: { processing: batch.state === 'running' ? batch.requests.length : 0, succeeded: batch.state === 'running' ? 0 : batch.requests.length },
    results_url: null,
  });
  const openaiLine = ({ id, body }: ProviderBatch['requests'][number]): object => ({
    id: `req_${id}`,
    custom_id: id,
    response: {
      status_code: 200,
      request_id: 'r',
      body: {
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: body['model'],
        choices: [{ index: 0, message: { role: 'assistant', content: `re: ${wordsOf(body)}` }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      },
    },
    error: null,
  });
  const anthropicLine = ({ id, body }: ProviderBatch['requests'][number]): object => ({
    custom_id: id,
    result: wordsOf(body).includes('wrong')
      ? { type: 'errored', error: { type: 'error', error: { type: 'invalid_request_error', message: 'this is wrong' } } }
      : {
          type: 'succeeded',
          message: {
            id: 'msg',
            type: 'message',
            role: 'assistant',
            model: body['model'],
            content: [{ type: 'text', text: `re: ${wordsOf(body)}` }],
            stop_reason: 'end_turn',
            stop_sequence: null,
            usage: { input_tokens: 100, output_tokens: 10 },
          },
        },
  });
  const json = (response: ServerResponse, value: unknown, status = 200): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const jsonl = (response: ServerResponse, lines: readonly object[]): void => {
    response.writeHead(200, { 'content-type': 'application/jsonl' }).end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  const submitted = (response: ServerResponse, value: object): void => {
    if (provider.loseAnswers === 0) json(response, value);
    else {
      provider.loseAnswers -= 1;
      response.socket?.destroy();
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '', 'http://localhost');
    const isAzure = url.pathname.startsWith('/openai');
    const path = url.pathname.replace(/^(?:\/openai)?\/v1/, '');
    const { authorization, 'x-api-key': anthropicKey, 'x-goog-api-key': googleKey, 'api-key': azureKey } = request.headers;
    provider.keys.add(String(authorization ?? anthropicKey ?? googleKey ?? azureKey));
    const call: BatchCall = {
      method: request.method ?? '',
      path,
      text,
      headers: request.headers,
      provider,
      files,
      add,
      json: (value, status) => json(response, value, status),
      jsonl: (lines) => jsonl(response, lines),
      submitted: (value) => submitted(response, value),
      begin: (headers) => void response.writeHead(200, headers).end(),
    };
    if (answerGemini(call) || answerMistral(call, openaiLine)) return;
    const [, id] = /^\/(?:messages\/)?batches\/([^/]+)/.exec(path) ?? [];
    const batch = find(id);
    if (request.method === 'POST' && path === '/files') {
      const lines = text.slice(text.indexOf('\r\n\r\n', text.indexOf('filename=')) + 4, text.lastIndexOf('\r\n--'));
      const fileId = `file_${files.size}`;
      files.set(fileId, lines);
      if (isAzure) unseen.add(fileId);
      return json(response, { id: fileId, object: 'file', purpose: 'batch', ...(isAzure ? { status: 'pending' } : {}) });
    }
    const [, looked = ''] = /^\/files\/(file_\d+)$/.exec(path) ?? [];
    if (files.has(looked)) {
      unseen.delete(looked);
      return json(response, { id: looked, object: 'file', status: 'processed' });
    }
    const file = /^\/files\/(out|err)_([^/]+)\/content$/.exec(path);
    if (file !== null) return jsonl(response, file[1] === 'err' ? [] : [...(find(file[2])?.requests ?? [])].reverse().map(openaiLine));
    if (request.method === 'POST' && path === '/batches') {
      const { input_file_id: input, metadata } = JSON.parse(text) as { input_file_id: string; metadata: unknown };
      if (unseen.has(input)) return json(response, { error: { message: 'the file is not processed yet' } }, 400);
      const requests = (files.get(input) ?? '')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { custom_id: string; body: Record<string, unknown> })
        .map(({ custom_id: custom, body }) => ({ id: custom, body }));
      return submitted(response, openaiBatch(add({ form: 'openai', requests, metadata })));
    }
    if (request.method === 'POST' && path === '/messages/batches') {
      const { requests } = JSON.parse(text) as { requests: { custom_id: string; params: Record<string, unknown> }[] };
      return submitted(
        response,
        anthropicBatch(add({ form: 'anthropic', requests: requests.map(({ custom_id: custom, params }) => ({ id: custom, body: params })), metadata: null })),
      );
    }
    if (path === '/batches') return json(response, { data: provider.batches.filter(({ form }) => form === 'openai').map(openaiBatch), has_more: false });
    if (path === '/messages/batches')
      return json(response, { data: provider.batches.filter(({ form }) => form === 'anthropic').map(anthropicBatch), has_more: false, last_id: null });
    if (batch === undefined) {
      provider.direct += 1;
      return json(response, { error: { message: 'not here' } }, 404);
    }
    if (path.endsWith('/cancel')) batch.state = 'cancelled';
    if (path.endsWith('/results')) return jsonl(response, [...batch.requests].reverse().map(anthropicLine));
    json(response, batch.form === 'openai' ? openaiBatch(batch) : anthropicBatch(batch));
  };

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider.url = `${provider.origin}/v1`;
  provider.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return provider;
}
