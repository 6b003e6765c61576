import { gzipSync } from 'node:zlib';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, TEST_KEY, type TestGateway, type TestPortsOptions } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(
  handler: FakeHandler,
  more: Partial<TestPortsOptions> & { maxBodyBytes?: number } = {},
): Promise<{ gateway: TestGateway; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream(handler);
  const engine = engineAt(upstream.url);
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], ...more });
  closers.push(
    () => gateway.close(),
    () => engine.close(),
    () => upstream.close(),
  );
  return { gateway, upstream };
}

const completion = (content: string, more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'served-name',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 64 } },
  ...more,
});

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-name', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usageChunk = `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-name', choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })}\n\n`;
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' 세계' }),
  chunk({}, 'stop'),
  usageChunk,
  'data: [DONE]\n\n',
];
const hello = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };

describe('POST /v1/chat/completions', () => {
  it('passes the answer on as it came and says which way it went', async () => {
    const { gateway } = await start((_request, response) => answerJson(response, completion('Hello')));

    const response = await gateway.post('/v1/chat/completions', hello);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(JSON.stringify(completion('Hello')));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': 'req_000001',
      'x-maru-model': 'sim-8b',
      'x-maru-endpoint': 'sim-8b-0',
      'x-maru-route-reason': 'the only replica',
      'x-maru-simulated': 'false',
      'x-maru-cost-usd': '0.0015',
    });
    expect(response.headers.get('x-maru-trace-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('changes nothing in the body but the name of the model', async () => {
    const { gateway, upstream } = await start((_request, response) => answerJson(response, completion('ok')));
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const body = `{ "messages": [{"role":"user","content":[${JSON.stringify(image)}]}],\n "model" : "sim-8b", "tools":[{"type":"function","function":{"name":"f"}}],  "future_field": {"x":[1.0,1e3]}, "n":1}`;

    await gateway.post('/v1/chat/completions', body);

    expect(upstream.seen[0]?.body.toString()).toBe(body.replace('"sim-8b"', '"served-name"'));
  });

  it('changes nothing in a large body but the name of the model', async () => {
    const { gateway, upstream } = await start((_request, response) => answerJson(response, completion('ok')));
    const body = JSON.stringify({ messages: [{ role: 'user', content: '긴 "prompt" \\ '.repeat(20_000) }], model: 'sim-8b', seed: 3 });

    await gateway.post('/v1/chat/completions', body);

    expect(upstream.seen[0]?.body.toString()).toBe(body.replace('"sim-8b"', '"served-name"'));
  });

  it('charges the tokens in disjoint buckets, once', async () => {
    const { gateway } = await start((_request, response) => answerJson(response, completion('Hello')));

    await gateway.post('/v1/chat/completions', hello);

    expect(gateway.log.settled).toEqual([
      {
        requestId: 'req_000001',
        traceId: expect.any(String),
        requestedModel: 'sim-8b',
        model: 'sim-8b',
        endpoint: 'sim-8b-0',
        provider: 'openai-compatible',
        servedName: 'served-name',
        simulated: false,
        usage: { inputTokens: 36, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 0 },
        estimated: false,
        outcome: 'ok',
      },
    ]);
    expect(gateway.log.released).toBe(0);
  });

  it('estimates the usage of an engine that reports none', async () => {
    const { gateway } = await start((_request, response) => answerJson(response, completion('Hello', { usage: undefined })));

    await gateway.post('/v1/chat/completions', hello);

    expect(gateway.log.settled[0]).toMatchObject({ estimated: true });
    expect(gateway.log.settled[0]?.usage.outputTokens).toBeGreaterThan(0);
  });

  it('keeps one trace: gateway, route and engine', async () => {
    const { gateway, upstream } = await start((_request, response) => answerJson(response, completion('Hello')));

    await gateway.post('/v1/chat/completions', hello, {
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x-maru-session': 's1' },
    });

    const { spans } = gateway.log;
    expect(spans.map((span) => span.kind).sort()).toEqual(['engine', 'gateway', 'route']);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
    const root = spans.find((span) => span.kind === 'gateway');
    const engine = spans.find((span) => span.kind === 'engine');
    expect(root).toMatchObject({ parentSpanId: 'b7ad6b7169203331', status: 'ok', session: 's1', tenant: 'default' });
    expect(engine).toMatchObject({ parentSpanId: root?.spanId, costNanoUsd: 1_500_000, usage: { inputTokens: 36, cacheReadTokens: 64 } });
    expect(upstream.seen[0]?.headers.traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${engine?.spanId}-01`);
    expect(upstream.seen[0]?.headers['x-request-id']).toBe('req_000001');
  });

  it('tells the router what became of its choice', async () => {
    const { gateway } = await start((_request, response) => answerJson(response, completion('Hello')));

    await gateway.post('/v1/chat/completions', hello);

    expect(gateway.log.outcomes).toMatchObject([{ outcome: 'ok', usage: { cacheReadTokens: 64 }, attempt: { model: 'sim-8b' } }]);
  });

  it('does not pass the key of the client on', async () => {
    const { gateway, upstream } = await start((_request, response) => answerJson(response, completion('Hello')));

    await gateway.post('/v1/chat/completions', hello, { headers: { 'x-api-key': 'sk-other', cookie: 'a=b' } });

    expect(upstream.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(gateway.log.facts[0]?.headers)).not.toContain('sk-');
  });

  it('unpacks a gzip body', async () => {
    const { gateway, upstream } = await start((_request, response) => answerJson(response, completion('Hello')));

    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(hello)),
    });

    expect(response.status).toBe(200);
    expect(JSON.parse(upstream.seen[0]?.body.toString() ?? '')).toMatchObject({ model: 'served-name' });
  });
});

describe('a stream', () => {
  it('passes events on, and hides the usage chunk that the client did not ask for', async () => {
    const { gateway, upstream } = await start((_request, response) => answerEvents(response, STREAM));

    const response = await gateway.post('/v1/chat/completions', { ...hello, stream: true });

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(STREAM.filter((event) => event !== usageChunk).join(''));
    expect(JSON.parse(upstream.seen[0]?.body.toString() ?? '')).toMatchObject({ stream_options: { include_usage: true } });
    expect(gateway.log.settled).toMatchObject([{ usage: { inputTokens: 7, outputTokens: 3 }, estimated: false, outcome: 'ok' }]);
  });

  it('tells the router of its first token, once; a whole answer has none', async () => {
    const { gateway } = await start((request, response) =>
      request.body.includes('"stream":true') ? answerEvents(response, STREAM) : answerJson(response, completion('Hello')),
    );

    await (await gateway.post('/v1/chat/completions', hello)).text();
    expect(gateway.log.shown).toEqual([]);

    await (await gateway.post('/v1/chat/completions', { ...hello, stream: true })).text();
    expect(gateway.log.shown).toHaveLength(1);
  });

  it('shows the usage chunk to a client that asked for it', async () => {
    const { gateway } = await start((_request, response) => answerEvents(response, STREAM));

    const response = await gateway.post('/v1/chat/completions', { ...hello, stream: true, stream_options: { include_usage: true } });

    expect(await response.text()).toBe(STREAM.join(''));
  });

  it('is the same wherever the packets are cut', async () => {
    const bytes = Buffer.from(STREAM.join(''));
    const { gateway } = await start(async (request, response) => {
      const size = Number((JSON.parse(request.body.toString()) as { size: number }).size);
      const parts: string[] = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size).toString('latin1'));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of parts) {
        response.write(Buffer.from(part, 'latin1'));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });

    for (const size of [1, 7, 64, 333, 5000]) {
      const response = await gateway.post('/v1/chat/completions', { ...hello, stream: true, size });
      expect(await response.text()).toBe(STREAM.filter((event) => event !== usageChunk).join(''));
    }
    expect(gateway.log.settled).toHaveLength(5);
  });
});

describe('the unmodified openai package', () => {
  const clientOf = (gateway: TestGateway): OpenAI => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TEST_KEY, maxRetries: 0 });

  it('chats', async () => {
    const { gateway } = await start((_request, response) => answerJson(response, completion('Hello')));

    const answer = await clientOf(gateway).chat.completions.create({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] });

    expect(answer.choices[0]?.message.content).toBe('Hello');
    expect(answer._request_id).toBe('req_000001');
  });

  it('streams', async () => {
    const { gateway } = await start((_request, response) => answerEvents(response, STREAM));

    const stream = await clientOf(gateway).chat.completions.create({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }], stream: true });
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta.content ?? '';

    expect(text).toBe('Hello 세계');
  });

  it('calls a tool, streamed', async () => {
    const events = [
      chunk({ role: 'assistant', content: null }),
      chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"Seoul"}' } }] }),
      chunk({}, 'tool_calls'),
      'data: [DONE]\n\n',
    ];
    const { gateway, upstream } = await start((_request, response) => answerEvents(response, events));

    const run = clientOf(gateway).chat.completions.stream({
      model: 'sim-8b',
      messages: [{ role: 'user', content: 'Weather in Seoul?' }],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }],
    });
    const answer = await run.finalChatCompletion();

    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ id: 'call_1', function: { name: 'weather', arguments: '{"city":"Seoul"}' } });
    expect(JSON.parse(upstream.seen[0]?.body.toString() ?? '')).toMatchObject({ tools: [{ function: { name: 'weather' } }] });
    expect(gateway.log.facts[0]).toMatchObject({ tools: true, stream: true });
  });

  it('embeds, in base64 as it asks by default', async () => {
    const vector = Buffer.from(new Float32Array([0.25, -0.5]).buffer).toString('base64');
    const { gateway } = await start((_request, response) =>
      answerJson(response, {
        object: 'list',
        model: 'm',
        data: [{ object: 'embedding', index: 0, embedding: vector }],
        usage: { prompt_tokens: 2, total_tokens: 2 },
      }),
    );

    const answer = await clientOf(gateway).embeddings.create({ model: 'sim-8b', input: 'text' });

    expect(answer.data[0]?.embedding).toEqual([0.25, -0.5]);
    expect(gateway.log.settled).toMatchObject([{ usage: { inputTokens: 2, outputTokens: 0 }, estimated: false }]);
  });

  it('completes a text', async () => {
    const { gateway, upstream } = await start((_request, response) =>
      answerJson(response, {
        id: 'cmpl-1',
        object: 'text_completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, text: ' upon a time', finish_reason: 'stop' }],
      }),
    );

    const answer = await clientOf(gateway).completions.create({ model: 'sim-8b', prompt: 'Once' });

    expect(answer.choices[0]?.text).toBe(' upon a time');
    expect(upstream.seen[0]?.url).toBe('/v1/completions');
  });

  it('lists models and reads one whose name has a slash', async () => {
    const { gateway } = await start(() => undefined);
    const client = clientOf(gateway);

    const list = await client.models.list();
    const guide = await client.models.retrieve('agent/guide');

    expect(list.data.map((model) => model.id)).toEqual(['auto', 'sim-8b', 'agent/guide']);
    expect(guide).toMatchObject({ id: 'agent/guide', object: 'model', maru: { kind: 'agent' } });
  });

  it('gets errors as its own classes', async () => {
    const { gateway } = await start(() => undefined);

    await expect(clientOf(gateway).chat.completions.create({ model: 'sim-8c', messages: [] })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 }).models.list()).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });
});
