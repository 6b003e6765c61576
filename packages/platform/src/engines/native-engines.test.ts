import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { describeEngine } from '../../../../test/conformance/engine.ts';
import { answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { LONG_PROMPT, playCutVendor, playVendor, type VendorFormat } from '../../../../test/conformance/fake-vendors.ts';
import { createAzureEngine } from './azure/azure-engine.ts';
import { createBedrockEngine } from './bedrock/bedrock-engine.ts';
import { createCohereEngine } from './cohere/cohere-engine.ts';
import type { Engine, EngineReply, EngineRequest } from './engine.ts';
import { createGeminiEngine } from './gemini/gemini-engine.ts';
import { createOpenAiCompatibleEngine } from './openai-compatible/openai-compatible-engine.ts';
import type { PassOperation } from './pass-request.ts';
import type { Authorize } from './transport/authorize.ts';
import { createVertexEngine } from './vertex/vertex-engine.ts';

const common = (baseUrl: string) => ({ endpoint: 'remote-0', model: 'remote', provider: 'test', servedName: 'some model:1', baseUrl, timeoutMs: 5000 });
const token: Authorize = { headers: async () => ({ authorization: 'Bearer fresh' }), refused: () => undefined, close: async () => undefined };
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalr-secret' };
const credentials = { get: async () => keys, forget: () => undefined, close: () => undefined };

const gemini = (url: string): Engine => createGeminiEngine({ ...common(`${url}/v1beta`), apiKey: 'g-key' });
const cohere = (url: string): Engine => createCohereEngine({ ...common(url), apiKey: 'c-key' });
const vertexGemini = (url: string): Engine => createVertexEngine({ ...common(`${url}/v1/projects/p/locations/l`), authorize: token });
const vertexClaude = (url: string): Engine => createVertexEngine({ ...common(`${url}/v1/projects/p/locations/l`), servedName: 'claude-x', authorize: token });
const bedrock = (url: string): Engine => createBedrockEngine({ ...common(url), region: 'eu-west-1', credentials, clock: createFakeClock() });
const azure = (url: string): Engine => createAzureEngine({ ...common(url), apiKey: 'a-key', passes: ['speech'], operations: ['chat', 'embeddings'] });
const openai = (url: string): Engine =>
  createOpenAiCompatibleEngine({ ...common(`${url}/v1`), speaks: ['openai-chat', 'openai-responses'], operations: ['chat', 'embeddings'] });

/** Plays every API that an address of a vendor has. */
const playBy =
  (choose: (url: string) => VendorFormat): FakeHandler =>
  (request, response) => {
    if (request.url.includes('embeddings')) {
      const data = [0, 1, 2].map((index) => ({ object: 'embedding', index, embedding: [0.1, index] }));
      return answerJson(response, { object: 'list', model: 'm', data, usage: { prompt_tokens: 3, total_tokens: 3 } });
    }
    return playVendor(choose(request.url))(request, response);
  };
const openAiBy = (url: string): VendorFormat => (url.includes('/responses') ? 'openai-responses' : 'openai-chat');

const EXAMINED = [
  ['gemini', gemini, playBy((url) => (url.includes('/openai/') ? 'openai-chat' : 'gemini')), ['chat', 'embeddings']],
  ['vertex with Gemini', vertexGemini, playVendor('gemini'), ['chat']],
  ['vertex with Claude', vertexClaude, playVendor('anthropic-messages'), ['chat']],
  ['bedrock', bedrock, playVendor('bedrock-converse'), ['chat']],
  ['cohere', cohere, playBy((url) => (url.includes('compatibility') ? 'openai-chat' : 'cohere-chat')), ['chat', 'embeddings']],
  ['azure', azure, playBy(openAiBy), ['chat', 'embeddings']],
  ['openai with responses', openai, playBy(openAiBy), ['chat', 'embeddings']],
] as const;

for (const [name, make, play, operations] of EXAMINED) {
  describeEngine(name, async () => {
    const upstream = await startFakeUpstream(play);
    const engine = make(upstream.url);
    return {
      engine,
      operations,
      longPrompt: LONG_PROMPT,
      close: async () => {
        await engine.close();
        await upstream.close();
      },
    };
  });
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(make: (url: string) => Engine, handler: FakeHandler): Promise<{ upstream: FakeUpstream; engine: Engine }> {
  const upstream = await startFakeUpstream(handler);
  const engine = make(upstream.url);
  closers.push(
    () => engine.close(),
    () => upstream.close(),
  );
  return { upstream, engine };
}

const request = (more: Partial<EngineRequest> = {}): EngineRequest => ({
  operation: 'chat',
  body: Buffer.from('{"model":"x","stream":true,"messages":[1.0]}'),
  stream: false,
  headers: {},
  signal: new AbortController().signal,
  ...more,
});

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

const azureOf =
  (more: Partial<Parameters<typeof createAzureEngine>[0]>) =>
  (url: string): Engine =>
    createAzureEngine({ ...common(url), passes: ['speech', 'images'], ...more });

const ok: FakeHandler = (_request, response) => answerJson(response, { ok: true });

describe('the address of a call', () => {
  it.each<[string, (url: string) => Engine, Partial<EngineRequest>, string, Record<string, string>]>([
    ['gemini', gemini, { format: 'gemini' }, '/v1beta/models/some%20model%3A1:generateContent', { 'x-goog-api-key': 'g-key' }],
    [
      'gemini, streamed',
      gemini,
      { format: 'gemini', stream: true },
      '/v1beta/models/some%20model%3A1:streamGenerateContent?alt=sse',
      { 'x-goog-api-key': 'g-key' },
    ],
    ['gemini for clients of OpenAI', gemini, { format: 'openai-chat' }, '/v1beta/openai/chat/completions', { authorization: 'Bearer g-key' }],
    ['gemini for embeddings', gemini, { operation: 'embeddings' }, '/v1beta/openai/embeddings', { authorization: 'Bearer g-key' }],
    ['cohere', cohere, { format: 'cohere-chat' }, '/v2/chat', { authorization: 'Bearer c-key' }],
    ['cohere for clients of OpenAI', cohere, { format: 'openai-chat' }, '/compatibility/v1/chat/completions', { authorization: 'Bearer c-key' }],
    [
      'vertex',
      vertexGemini,
      { format: 'gemini', stream: true },
      '/v1/projects/p/locations/l/publishers/google/models/some%20model%3A1:streamGenerateContent?alt=sse',
      { authorization: 'Bearer fresh' },
    ],
    [
      'vertex with Claude',
      vertexClaude,
      { format: 'anthropic-messages' },
      '/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:rawPredict',
      { authorization: 'Bearer fresh' },
    ],
    ['bedrock', bedrock, { format: 'bedrock-converse' }, '/model/some%20model%3A1/converse', {}],
    ['bedrock, streamed', bedrock, { format: 'bedrock-converse', stream: true }, '/model/some%20model%3A1/converse-stream', {}],
    ['azure', azure, {}, '/openai/v1/chat/completions', { 'api-key': 'a-key' }],
    ['azure with responses', azure, { format: 'openai-responses' }, '/openai/v1/responses', { 'api-key': 'a-key' }],
    [
      'azure with a version',
      azureOf({ apiKey: 'a-key', apiVersion: '2024-10-21' }),
      {},
      '/openai/deployments/some%20model%3A1/chat/completions?api-version=2024-10-21',
      { 'api-key': 'a-key' },
    ],
    [
      'azure with a version and responses',
      azureOf({ apiKey: 'a-key', apiVersion: '2025-03-01-preview' }),
      { format: 'openai-responses' },
      '/openai/responses?api-version=2025-03-01-preview',
      { 'api-key': 'a-key' },
    ],
    ['azure with Entra', azureOf({ authorize: token }), {}, '/openai/v1/chat/completions', { authorization: 'Bearer fresh' }],
  ])('of %s', async (_name, make, more, url, headers) => {
    const { upstream, engine } = await start(make, ok);

    const outcome = await failure(engine.call(request(more)).then(read));

    expect(outcome).toBe('succeeded');
    expect(upstream.seen[0]?.url).toBe(url);
    expect(upstream.seen[0]?.headers).toMatchObject(headers);
    for (const name of ['authorization', 'api-key', 'x-goog-api-key']) {
      if (!(name in headers) && upstream.seen[0]?.headers['x-amz-date'] === undefined) expect(upstream.seen[0]?.headers).not.toHaveProperty(name);
    }
  });

  it.each<[string, (url: string) => Engine, PassOperation, string]>([
    ['gemini', gemini, 'count-tokens', '/v1beta/models/some%20model%3A1:countTokens'],
    ['vertex', vertexGemini, 'count-tokens', '/v1/projects/p/locations/l/publishers/google/models/some%20model%3A1:countTokens'],
    ['vertex with Claude', vertexClaude, 'count-tokens', '/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict'],
    ['cohere', cohere, 'rerank', '/v2/rerank'],
    ['cohere', cohere, 'tokenize', '/v1/tokenize'],
    ['azure', azure, 'speech', '/openai/v1/audio/speech'],
    ['azure with a version', azureOf({ apiVersion: '2024-10-21' }), 'images', '/openai/deployments/some%20model%3A1/images/generations?api-version=2024-10-21'],
    ['openai', openai, 'rerank', '/v1/rerank'],
    ['openai', openai, 'tokenize', '/tokenize'],
  ])('of %s for %s (%s)', async (_name, make, operation, url) => {
    const { upstream, engine } = await start(make, ok);

    const reply = await engine.pass?.({
      operation,
      body: Buffer.from('{}'),
      contentType: 'application/json',
      headers: {},
      signal: new AbortController().signal,
    });

    expect(reply && (await read(reply))).toBe('{"ok":true}');
    expect(upstream.seen[0]?.url).toBe(url);
    expect(engine.load().running).toBe(0);
  });

  it.each([
    ['bedrock', bedrock],
    ['vertex', vertexGemini],
    ['azure', azure],
  ] as const)('does not exist for what %s has not', async (_name, make) => {
    const { upstream, engine } = await start(make, ok);

    const outcome = await failure(
      engine.pass?.({ operation: 'score', body: Buffer.from('{}'), contentType: 'application/json', headers: {}, signal: new AbortController().signal }) ??
        Promise.resolve(),
    );

    expect(isPlatformError(outcome, 'not_supported')).toBe(true);
    expect(upstream.seen).toHaveLength(0);
  });
});

describe('operations that are passed on', () => {
  const pass = (engine: Engine, body: Uint8Array | AsyncIterable<Uint8Array> = Buffer.from('{}')): Promise<EngineReply> =>
    engine.pass?.({ operation: 'speech', body, contentType: 'multipart/form-data; boundary=x', headers: {}, signal: new AbortController().signal }) ??
    Promise.reject(new TypeError('passes nothing'));

  it('carry a body as it comes, with its own content type, and an answer of any type', async () => {
    const { upstream, engine } = await start(azure, (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      response.end(Buffer.from([0xff, 0xfb, 0x00]));
    });
    async function* parts(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from('--x\r\n');
      yield Buffer.from('--x--');
    }

    const reply = await pass(engine, parts());

    expect(reply.headers['content-type']).toBe('audio/mpeg');
    expect(Buffer.from(await read(reply), 'utf8').length).toBeGreaterThan(0);
    expect(upstream.seen[0]?.body.toString('utf8')).toBe('--x\r\n--x--');
    expect(upstream.seen[0]?.headers).toMatchObject({ 'content-type': 'multipart/form-data; boundary=x', 'api-key': 'a-key' });
    expect(engine.load().running).toBe(0);
  });

  it.each([
    [401, 'application/json', 'upstream_credentials'],
    [403, 'text/plain', 'upstream_credentials'],
    [302, 'application/json', 'upstream_garbage'],
    [200, 'text/html', 'upstream_garbage'],
  ] as const)('fail with status %i and %s as %s', async (status, type, code) => {
    const { engine } = await start(azure, (_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end('{"error":"key a-key"}');
    });

    const error = await failure(pass(engine));

    expect(isPlatformError(error, code)).toBe(true);
    expect(String(error)).not.toContain('a-key');
  });
});

describe('native engines', () => {
  it('say the version in the body to Claude on Vertex, and the model not', async () => {
    const { upstream, engine } = await start(vertexClaude, ok);

    await read(await engine.call(request({ format: 'anthropic-messages' })));

    expect(JSON.parse(upstream.seen[0]?.body.toString('utf8') ?? '')).toEqual({ stream: true, messages: [1], anthropic_version: 'vertex-2023-10-16' });
  });

  it('sign what they send to Bedrock, and show the secret to nobody', async () => {
    const { upstream, engine } = await start(bedrock, ok);

    await read(await engine.call(request({ format: 'bedrock-converse', headers: { traceparent: '00-a-b-01' } })));

    const headers = upstream.seen[0]?.headers;
    expect(headers?.['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/);
    expect(headers?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
    );
    expect(JSON.stringify(headers)).not.toContain('wJalr-secret');
  });

  it('send a Bedrock key instead of a signature', async () => {
    const make = (url: string): Engine => createBedrockEngine({ ...common(url), region: 'eu-west-1', apiKey: 'b-key', credentials, clock: createFakeClock() });
    const { upstream, engine } = await start(make, ok);

    await read(await engine.call(request({ format: 'bedrock-converse' })));

    expect(upstream.seen[0]?.headers.authorization).toBe('Bearer b-key');
    expect(upstream.seen[0]?.headers).not.toHaveProperty('x-amz-date');
  });

  it.each<[VendorFormat, (url: string) => Engine, number]>([
    ['gemini', gemini, 1],
    ['bedrock-converse', bedrock, 2],
    ['cohere-chat', cohere, 1],
    ['anthropic-messages', vertexClaude, 1],
    ['openai-responses', azure, 1],
    ['openai-chat', azure, 3],
  ])('say that a stream in the format %s was cut', async (format, make, missing) => {
    const { engine } = await start(make, playCutVendor(format, missing));

    expect(isPlatformError(await failure(engine.call(request({ format, stream: true })).then(read)), 'upstream_cut')).toBe(true);
    expect(engine.load().running).toBe(0);
  });

  it('are not fooled by a model that writes about the end of its stream', async () => {
    const lies = ['event: message_stop', '"finishReason": "STOP"', 'data: {"type": "message-end"}', 'data: {"type":"response.completed"}'];
    for (const [format, make] of [
      ['gemini', gemini],
      ['cohere-chat', cohere],
      ['anthropic-messages', vertexClaude],
      ['openai-responses', azure],
    ] as const) {
      const { engine } = await start(make, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`data: ${JSON.stringify({ text: lies.join('\n') })}\n\n`);
      });

      expect(isPlatformError(await failure(engine.call(request({ format, stream: true })).then(read)), 'upstream_cut')).toBe(true);
    }
  });

  it('forget credentials that the provider refused', async () => {
    const refusals: number[] = [];
    const make = (url: string): Engine => createVertexEngine({ ...common(url), authorize: { ...token, refused: () => void refusals.push(1) } });
    const { engine } = await start(make, (_request, response) => answerJson(response, { error: { message: 'expired Bearer fresh' } }, 401));

    const error = await failure(engine.call(request({ format: 'gemini' })));

    expect(isPlatformError(error, 'upstream_credentials')).toBe(true);
    expect(String(error)).not.toContain('fresh');
    expect(refusals).toHaveLength(1);
  });

  it('do not send a request whose credentials can not be had, and count it no longer', async () => {
    const broken: Authorize = { ...token, headers: () => Promise.reject(new Error('no token')) };
    const { upstream, engine } = await start((url) => createVertexEngine({ ...common(url), authorize: broken }), ok);

    await failure(engine.call(request({ format: 'gemini' })));

    expect(upstream.seen).toHaveLength(0);
    expect(engine.load().running).toBe(0);
  });
});
