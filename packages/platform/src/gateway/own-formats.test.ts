import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireFormat } from '#formats';
import { createPlayedEngine, type Play, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, TEST_KEY, type TestGateway } from './__fixtures__/test-gateway.ts';
import { anthropicEvents, anthropicMessage, geminiAnswer, geminiEvents, responsesAnswer, responsesEvents } from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface OwnFormat {
  readonly name: WireFormat;
  readonly path: string;
  readonly streamPath: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly streamBody: Readonly<Record<string, unknown>>;
  readonly answer: object;
  readonly events: readonly string[];
  /** Stands in every complete answer and in no other. */
  readonly end: string;
}

const messages = [{ role: 'user', content: 'Hi' }];
const FORMATS: readonly OwnFormat[] = [
  {
    name: 'anthropic-messages',
    path: '/v1/messages',
    streamPath: '/v1/messages',
    body: { model: 'sim-8b', max_tokens: 9, messages },
    streamBody: { model: 'sim-8b', max_tokens: 9, stream: true, messages },
    answer: anthropicMessage,
    events: anthropicEvents,
    end: 'message_stop',
  },
  {
    name: 'openai-responses',
    path: '/v1/responses',
    streamPath: '/v1/responses',
    body: { model: 'sim-8b', input: 'Hi' },
    streamBody: { model: 'sim-8b', input: 'Hi', stream: true },
    answer: responsesAnswer,
    events: responsesEvents,
    end: 'response.completed',
  },
  {
    name: 'gemini',
    path: '/v1beta/models/sim-8b:generateContent',
    streamPath: '/v1beta/models/sim-8b:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    streamBody: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    answer: geminiAnswer,
    events: geminiEvents,
    end: 'finishReason',
  },
];

async function start(format: WireFormat, ...plays: readonly Play[]): Promise<{ gateway: TestGateway; engines: readonly PlayedEngine[] }> {
  const engines = plays.map((play, index) => createPlayedEngine({ speaks: ['openai-chat', format], play, endpoint: `played-${index}` }));
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)) });
  closers.push(() => gateway.close());
  return { gateway, engines };
}

const USAGE = { inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 };

describe.each(FORMATS)('a call in $name to an engine that speaks it', (format) => {
  const cut = new PlatformError('upstream_cut', { message: 'cut' });

  it('passes the answer on as it came and charges it', async () => {
    const { gateway, engines } = await start(format.name, { json: format.answer });

    const response = await gateway.post(format.path, format.body);

    expect(await response.text()).toBe(JSON.stringify(format.answer));
    expect(engines[0]?.calls[0]).toMatchObject({ operation: 'chat', format: format.name, stream: false });
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.settled[0]).toMatchObject({ estimated: false, outcome: 'ok' });
    expect(gateway.log.settled[0]?.usage.outputTokens).toBe(2);
  });

  it('changes nothing in the request but the model', async () => {
    const { gateway, engines } = await start(format.name, { json: format.answer });
    const body = JSON.stringify({ ...format.body, unknown_field: { keep: [1, null] } }, null, 1);

    await gateway.post(format.path, body);

    expect(Buffer.from(engines[0]?.calls[0]?.body ?? []).toString()).toBe(body.replace('"sim-8b"', '"served-name"'));
  });

  it('passes a stream on byte for byte and charges it', async () => {
    const { gateway, engines } = await start(format.name, { chunks: format.events });

    const response = await gateway.post(format.streamPath, format.streamBody);

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(format.events.join(''));
    expect(engines[0]?.calls[0]?.stream).toBe(true);
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.settled[0]).toMatchObject({ estimated: false, usage: USAGE });
  });

  it('passes a stream on wherever its packets are cut', async () => {
    const bytes = Buffer.from(format.events.join(''));
    for (const size of [1, 7, 64]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      const { gateway } = await start(format.name, { chunks });

      expect(await (await gateway.post(format.streamPath, format.streamBody)).text()).toBe(bytes.toString());
      expect(gateway.log.settled[0]).toMatchObject({ usage: USAGE });
    }
  });

  it('never lets a cut stream look complete, wherever it is cut', async () => {
    for (let count = 1; count < format.events.length; count += 1) {
      const { gateway } = await start(format.name, { chunks: format.events.slice(0, count), fault: cut });

      const response = await gateway.post(format.streamPath, format.streamBody);
      const text = await response.text();

      expect(text).not.toContain(format.end);
      expect(text).toContain('error');
      expect(gateway.log.settled.length + gateway.log.released).toBe(1);
    }
  });

  it('never lets a stream look complete that ends without its end', async () => {
    const { gateway } = await start(format.name, { chunks: format.events.slice(0, -1) });

    const text = await (await gateway.post(format.streamPath, format.streamBody)).text();

    expect(text).not.toContain(format.end);
    expect(text).toContain('error');
  });

  it('lets another engine answer while nothing was visible', async () => {
    const { gateway } = await start(format.name, { chunks: [], fault: cut }, { chunks: format.events });

    const response = await gateway.post(format.streamPath, format.streamBody);

    expect(response.headers.get('x-maru-endpoint')).toBe('played-1');
    expect(await response.text()).toBe(format.events.join(''));
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('cancels the engine when the client goes', async () => {
    const { gateway, engines } = await start(format.name, { chunks: format.events.slice(0, -1), hangs: true });
    const controller = new AbortController();
    const response = await gateway.post(format.streamPath, format.streamBody, { signal: controller.signal });
    await response.body?.getReader().read();

    controller.abort();
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(engines[0]?.aborted()).toBe(1);
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.settled[0]).toMatchObject({ outcome: 'cancelled' });
  });

  it('passes the refusal of an engine on', async () => {
    const { gateway } = await start(format.name, { status: 400, json: { error: { message: 'too much of a good thing' } } });

    const response = await gateway.post(format.path, format.body);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('too much of a good thing');
    expect(gateway.log.released).toBe(1);
  });
});

describe('errors of the gateway', () => {
  it('have the shape of Anthropic for its clients', async () => {
    const { gateway } = await start('anthropic-messages', { json: anthropicMessage });

    const unknown = await gateway.post('/v1/messages', { model: 'nobody', max_tokens: 1, messages });
    const stranger = await gateway.post('/v1/messages', {}, { headers: { authorization: '', 'x-api-key': 'sk-wrong' } });

    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error', message: expect.stringContaining('nobody') } });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  it('have the shape of Google for its clients', async () => {
    const { gateway } = await start('gemini', { json: geminiAnswer });

    const unknown = await gateway.post('/v1beta/models/nobody:generateContent', { contents: [] });

    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND', details: [{ reason: 'model_not_found' }] } });
  });

  it('have the shape of OpenAI for all others', async () => {
    const { gateway } = await start('openai-chat', { json: {} });

    expect(await (await gateway.post('/v1/nothing', {})).json()).toMatchObject({ error: { code: 'not_found' } });
    expect(await (await gateway.post('/v1/responses', { model: 'nobody', input: 'x' })).json()).toMatchObject({ error: { code: 'model_not_found' } });
  });
});

describe('the keys of other clients', () => {
  it.each([
    ['x-goog-api-key', { 'x-goog-api-key': TEST_KEY }, ''],
    ['api-key', { 'api-key': TEST_KEY }, ''],
    ['?key=', {}, `?key=${TEST_KEY}`],
  ])('are taken from %s', async (_name, headers, query) => {
    const { gateway, engines } = await start('gemini', { json: geminiAnswer });

    const response = await fetch(`${gateway.url}/v1beta/models/sim-8b:generateContent${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
    });

    expect(response.status).toBe(200);
    expect(JSON.stringify(engines[0]?.calls[0]?.headers)).not.toContain(TEST_KEY);
    expect(JSON.stringify(gateway.log.facts[0]?.headers)).not.toContain(TEST_KEY);
  });

  it('come with headers of which only those of the request go on', async () => {
    const { gateway, engines } = await start('anthropic-messages', { json: anthropicMessage });
    const headers = { 'anthropic-beta': 'a-1,b-2', 'anthropic-version': '2023-06-01', 'x-secret': 's', cookie: 'c=1' };

    await gateway.post('/v1/messages', { model: 'sim-8b', max_tokens: 1, messages }, { headers });

    expect(engines[0]?.calls[0]?.headers).toEqual({
      'x-request-id': 'req_000001',
      traceparent: expect.any(String),
      'anthropic-beta': 'a-1,b-2',
      'anthropic-version': '2023-06-01',
    });
  });
});
