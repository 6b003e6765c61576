import { type Model, modelKind } from '@maru/api/resources';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngines, type Engine } from '#engines';
import { createFakeClock } from '#time';
import { answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { playVendor } from '../../../../test/conformance/fake-vendors.ts';
import { attemptOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const key = { env: 'KEY' };
const deps: Parameters<typeof createEngines>[1] = {
  clock: createFakeClock(),
  environment: {},
  resolveSecret: () => 'planted-canary',
  endpointsOf: () => [],
  standIns: false,
  createTwin: () => {
    throw new TypeError('no twin here');
  },
  createReader: () => {
    throw new TypeError('no reader here');
  },
};

async function start(provider: object, handler: FakeHandler): Promise<{ gateway: TestGateway; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream(handler);
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'remote' },
    spec: { provider: { model: 'some-model', baseUrl: `${upstream.url}/v1`, ...provider } },
  }) as Model;
  const engines: readonly Engine[] = createEngines(model, deps);
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)) });
  closers.push(
    () => gateway.close(),
    async () => {
      for (const engine of engines) await engine.close();
    },
    () => upstream.close(),
  );
  return { gateway, upstream };
}

const body = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };
const aws = { accessKeyId: key, secretAccessKey: key };

describe.each([
  ['anthropic', { name: 'anthropic', apiKey: key }, 'anthropic-messages'],
  ['gemini', { name: 'gemini', apiKey: key }, 'gemini'],
  ['bedrock', { name: 'bedrock', region: 'eu-west-1', aws }, 'bedrock-converse'],
  ['cohere', { name: 'cohere', apiKey: key }, 'cohere-chat'],
] as const)('a client of Anthropic and OpenAI at %s', (name, provider, format) => {
  const paths = [
    ['/v1/messages', { ...body, max_tokens: 64 }],
    // Gemini and Cohere also speak the format of OpenAI, at an address that this server does not play.
    ...(name === 'gemini' || name === 'cohere' ? [] : [['/v1/chat/completions', body] as const]),
  ] as const;

  it.each(paths)('gets an answer on %s, and pays for it once', async (path, request) => {
    const { gateway } = await start(provider, playVendor(format));

    const response = await gateway.post(path, request);
    const text = await response.text();

    expect([response.status, text]).toEqual([200, expect.stringContaining('Hello there.')]);
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage: { inputTokens: 12, outputTokens: 7 } }]);
  });

  it.each(paths)('gets a stream on %s to its end, and pays for it once', async (path, request) => {
    const { gateway } = await start(provider, playVendor(format));

    const text = await (await gateway.post(path, { ...request, stream: true })).text();

    expect(text).toContain('Hello ');
    expect(text).toContain(path === '/v1/messages' ? 'message_stop' : '[DONE]');
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage: { inputTokens: 12, outputTokens: 7 } }]);
  });

  it('is not shown the key of the platform, whatever goes wrong', async () => {
    for (const status of [400, 401, 403, 429, 500]) {
      const { gateway } = await start(provider, (request, response) => answerJson(response, { error: { message: JSON.stringify(request.headers) } }, status));

      const response = await gateway.post('/v1/messages', { ...body, max_tokens: 64 });

      expect(await response.text()).not.toContain('planted-canary');
      expect(JSON.stringify(gateway.log)).not.toContain('planted-canary');
    }
  });

  it('is not shown the key of the platform by an error in a stream', async () => {
    const { gateway, upstream } = await start(provider, (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`event: error\ndata: ${JSON.stringify({ type: 'error', error: { message: JSON.stringify(request.headers), code: 'x' } })}\n\n`);
    });

    const response = await gateway.post('/v1/messages', { ...body, max_tokens: 64, stream: true });

    expect(await response.text()).not.toContain('planted-canary');
    expect(JSON.stringify(gateway.log)).not.toContain('planted-canary');
    expect(upstream.seen).not.toEqual([]);
  });
});

describe('parameters that a service refuses', () => {
  const mistral = { name: 'mistral', apiKey: key };
  const request = { ...body, seed: 7, logprobs: true, user: 'u' };

  it('are sent, so that the service says so', async () => {
    const { gateway, upstream } = await start(mistral, playVendor('openai-chat'));

    await gateway.post('/v1/chat/completions', request);

    expect(JSON.parse(upstream.seen[0]?.body.toString('utf8') ?? '')).toEqual({ ...body, model: 'some-model', random_seed: 7, logprobs: true });
  });

  it('are left out with drop_params, and named', async () => {
    const { gateway, upstream } = await start(mistral, playVendor('openai-chat'));

    const response = await gateway.post('/v1/chat/completions', { ...request, drop_params: true });

    expect(response.status).toBe(200);
    expect(response.headers.get('x-maru-warnings')).toContain('logprobs was left out');
    expect(JSON.parse(upstream.seen[0]?.body.toString('utf8') ?? '')).toEqual({ ...body, model: 'some-model', random_seed: 7 });
  });
});
