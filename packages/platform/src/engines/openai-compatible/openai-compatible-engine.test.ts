import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { describeEngine } from '../../../../../test/conformance/engine.ts';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { createOpenAiCompatibleEngine } from './openai-compatible-engine.ts';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const events = (name: string): string[] => fixture(name).match(/[\s\S]*?\n\n/g) ?? [];

const playFixtures: FakeHandler = async (request, response) => {
  const body = JSON.parse(request.body.toString('utf8')) as { stream?: boolean; messages?: { content: string }[] };
  if (request.url === '/v1/embeddings') answerJson(response, JSON.parse(fixture('embeddings.json')));
  else if (request.url === '/v1/completions') answerJson(response, JSON.parse(fixture('completion.json')));
  else if (body.messages === undefined) answerJson(response, { error: { message: 'messages is required', type: 'invalid_request_error', code: null } }, 400);
  else if (body.stream !== true) answerJson(response, JSON.parse(fixture('chat.json')));
  else if (body.messages[0]?.content === 'long')
    await answerEvents(response, [...Array.from({ length: 400 }, () => events('stream.sse')[1] ?? ''), ...events('stream.sse')]);
  else await answerEvents(response, events('stream.sse'));
};

const engineFor = (baseUrl: string, more: Partial<Parameters<typeof createOpenAiCompatibleEngine>[0]> = {}): Engine =>
  createOpenAiCompatibleEngine({
    endpoint: 'remote-0',
    model: 'remote',
    provider: 'openai-compatible',
    servedName: 'test-model',
    baseUrl,
    timeoutMs: 5000,
    ...more,
  });

describeEngine('openai-compatible', async () => {
  const upstream = await startFakeUpstream(playFixtures);
  const engine = engineFor(`${upstream.url}/v1`);
  return {
    engine,
    operations: ['chat', 'completions', 'embeddings'],
    longPrompt: 'long',
    close: async () => {
      await engine.close();
      await upstream.close();
    },
  };
});

describe('createOpenAiCompatibleEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const start = async (
    handler: FakeHandler,
    more: Partial<Parameters<typeof createOpenAiCompatibleEngine>[0]> = {},
  ): Promise<{ upstream: FakeUpstream; engine: Engine }> => {
    const upstream = await startFakeUpstream(handler);
    const engine = engineFor(`${upstream.url}/v1`, more);
    closers.push(
      () => engine.close(),
      () => upstream.close(),
    );
    return { upstream, engine };
  };

  it('sends the very bytes of the request, the key and the headers', async () => {
    const { upstream, engine } = await start((_request, response) => answerJson(response, { ok: true }), {
      apiKey: 'sk-vendor',
      headers: { 'x-team': 'red' },
    });
    const body = Buffer.from('{ "model":"m",\t"unknown": [1.0, 1e2], "text":"\\u00e9 é 한국어" }');

    await read(await engine.call(request({ body, headers: { traceparent: '00-a-b-01', 'x-request-id': 'req_1' } })));

    const seen = upstream.seen[0];
    expect(seen?.url).toBe('/v1/chat/completions');
    expect(seen?.body.equals(body)).toBe(true);
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer sk-vendor', 'x-team': 'red', traceparent: '00-a-b-01', 'x-request-id': 'req_1' });
  });

  it('returns error answers of the upstream as they are', async () => {
    const { engine } = await start((_request, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
      response.end('{"error":{"message":"slow down","code":"rate_limit_exceeded"}}');
    });

    const reply = await engine.call(request());

    expect(reply.status).toBe(429);
    expect(reply.headers['retry-after']).toBe('7');
    expect(await read(reply)).toContain('slow down');
  });

  it('gives a plain-text 429 an error object', async () => {
    const { engine } = await start((_request, response) => {
      response.writeHead(429, { 'content-type': 'text/plain', 'retry-after': '3' });
      response.end('Too Many Requests');
    });

    const reply = await engine.call(request());

    expect(reply.headers).toMatchObject({ 'retry-after': '3', 'content-type': 'application/json' });
    expect(JSON.parse(await read(reply))).toMatchObject({ error: { code: 'rate_limited' } });
  });

  it.each([401, 403])('maps status %i to upstream_credentials and does not show the answer', async (status) => {
    const { engine } = await start((_request, response) => answerJson(response, { error: { message: 'Incorrect API key sk-abc' } }, status));

    const error = await failure(engine.call(request()));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).not.toContain('sk-abc');
  });

  it.each([
    [200, 'text/html'],
    [404, 'text/html; charset=utf-8'],
    [502, 'text/plain'],
    [302, 'application/json'],
  ])('calls status %i with %s garbage', async (status, type) => {
    const { engine } = await start((_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end('<html>login</html>');
    });

    expect(isPlatformError(await failure(engine.call(request())), 'upstream_garbage')).toBe(true);
    expect(engine.load().running).toBe(0);
  });

  it('calls an upstream that does not speak HTTP garbage', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const engine = engineFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closers.push(
      () => engine.close(),
      () => new Promise((resolve) => server.close(() => resolve())),
    );

    expect(isPlatformError(await failure(engine.call(request())), 'upstream_garbage')).toBe(true);
  });

  it('says that nobody listens', async () => {
    const { upstream, engine } = await start(() => undefined);
    await upstream.close();

    expect(isPlatformError(await failure(engine.call(request())), 'upstream_unreachable')).toBe(true);
    expect(engine.load().running).toBe(0);
  });

  it('says that the connection was reset before the answer', async () => {
    const { engine } = await start((_request, response) => void response.socket?.destroy());

    expect(isPlatformError(await failure(engine.call(request())), 'upstream_unreachable')).toBe(true);
  });

  it('says that the upstream is too slow', async () => {
    const { engine } = await start(() => undefined, { timeoutMs: 50 });

    expect(isPlatformError(await failure(engine.call(request())), 'upstream_timeout')).toBe(true);
  });

  it('says that a stream went silent', async () => {
    const { engine } = await start(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(events('stream.sse')[0]);
      },
      { timeoutMs: 50 },
    );

    const reply = await engine.call(request({ stream: true }));

    expect(isPlatformError(await failure(read(reply)), 'upstream_timeout')).toBe(true);
  });

  it('says that a plain answer was cut', async () => {
    const { engine } = await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"id":"chatcmpl');
      setImmediate(() => response.socket?.destroy());
    });

    const reply = await engine.call(request());

    expect(isPlatformError(await failure(read(reply)), 'upstream_cut')).toBe(true);
  });

  it('says that a stream was cut, also when the connection ended regularly', async () => {
    const { engine } = await start((_request, response) => answerEvents(response, events('stream.sse').slice(0, 3)));

    const reply = await engine.call(request({ stream: true }));

    expect(isPlatformError(await failure(read(reply)), 'upstream_cut')).toBe(true);
  });

  it('does not take a half event with a finish reason for a complete stream', async () => {
    const cut = [...events('stream.sse').slice(0, 3), (events('stream.sse')[3] ?? '').trimEnd()];
    const { engine } = await start((_request, response) => answerEvents(response, cut));

    const reply = await engine.call(request({ stream: true }));

    expect(isPlatformError(await failure(read(reply)), 'upstream_cut')).toBe(true);
  });

  it('is not fooled by a model that writes about [DONE]', async () => {
    const lie = 'data: {"choices":[{"index":0,"delta":{"content":"data: [DONE]"},"finish_reason":null}]}\n\n';
    const { engine } = await start((_request, response) => answerEvents(response, [lie]));

    const reply = await engine.call(request({ stream: true }));

    expect(isPlatformError(await failure(read(reply)), 'upstream_cut')).toBe(true);
  });

  it('adds the [DONE] that some servers leave out after their finish reason', async () => {
    const { engine } = await start((_request, response) => answerEvents(response, events('stream.sse').slice(0, -1)));

    const reply = await engine.call(request({ stream: true }));

    expect(await read(reply)).toBe(fixture('stream.sse'));
  });

  it('closes the upstream connection when the request is aborted before the answer', async () => {
    let arrived = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (arrived = resolve));
    let gone = (): void => undefined;
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const { engine } = await start((_request, response) => {
      response.on('close', gone);
      arrived();
    });
    const controller = new AbortController();

    const outcome = failure(engine.call(request({ signal: controller.signal })));
    await waiting;
    controller.abort();

    expect(isPlatformError(await outcome, 'cancelled')).toBe(true);
    await closed;
  });

  it('sends parameters under the names of the service, and leaves out what it is told to', async () => {
    const { upstream, engine } = await start((_request, response) => answerJson(response, { ok: true }), {
      quirks: { renames: { seed: 'random_seed' }, omits: ['user'] },
      refuses: ['logprobs', 'n'],
    });
    const body = Buffer.from('{"messages":[],"seed":7,"user":"u","logprobs":true,"n":2}');

    await read(await engine.call(request({ body })));
    await read(await engine.call(request({ body, omits: ['logprobs'] })));

    expect(engine.refuses).toEqual(['logprobs', 'n']);
    expect(JSON.parse(upstream.seen[0]?.body.toString('utf8') ?? '')).toEqual({ messages: [], random_seed: 7, logprobs: true, n: 2 });
    expect(JSON.parse(upstream.seen[1]?.body.toString('utf8') ?? '')).toEqual({ messages: [], random_seed: 7, n: 2 });
  });

  it('refuses operations that the model does not offer', async () => {
    const { engine, upstream } = await start(playFixtures, { operations: ['embeddings'] });

    expect(isPlatformError(await failure(engine.call(request())), 'not_supported')).toBe(true);
    expect(upstream.seen).toHaveLength(0);
  });
});

function request(more: Partial<EngineRequest> = {}): EngineRequest {
  return { operation: 'chat', body: Buffer.from('{"messages":[]}'), stream: false, headers: {}, signal: new AbortController().signal, ...more };
}

async function read(reply: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'succeeded',
    (error: unknown) => error,
  );
