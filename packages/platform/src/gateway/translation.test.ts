import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireFormat } from '#formats';
import { createPlayedEngine, type Play, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';
import {
  anthropicEvents,
  anthropicMessage,
  chatAnswer,
  chatEvents,
  geminiAnswer,
  geminiEvents,
  responsesAnswer,
  responsesEvents,
} from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(speaks: WireFormat, ...plays: readonly Play[]): Promise<{ gateway: TestGateway; engines: readonly PlayedEngine[] }> {
  const engines = plays.map((play, index) => createPlayedEngine({ speaks: [speaks], play, endpoint: `played-${index}` }));
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)) });
  closers.push(() => gateway.close());
  return { gateway, engines };
}

const messages = [{ role: 'user', content: 'Hi' }];
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
const CLIENTS = {
  'openai-chat': { path: '/v1/chat/completions', streamPath: '/v1/chat/completions', body: { model: 'sim-8b', messages }, flag: true, end: '[DONE]' },
  'anthropic-messages': {
    path: '/v1/messages',
    streamPath: '/v1/messages',
    body: { model: 'sim-8b', max_tokens: 64, messages },
    flag: true,
    end: 'message_stop',
  },
  'openai-responses': { path: '/v1/responses', streamPath: '/v1/responses', body: { model: 'sim-8b', input: 'Hi' }, flag: true, end: 'response.completed' },
  gemini: {
    path: '/v1beta/models/sim-8b:generateContent',
    streamPath: '/v1beta/models/sim-8b:streamGenerateContent?alt=sse',
    body: { contents },
    flag: false,
    end: 'finishReason',
  },
} as const;
const ENGINES = {
  'openai-chat': { json: chatAnswer, events: chatEvents },
  'anthropic-messages': { json: anthropicMessage, events: anthropicEvents },
  'openai-responses': { json: responsesAnswer, events: responsesEvents },
  gemini: { json: geminiAnswer, events: geminiEvents },
} as const;
type Name = keyof typeof CLIENTS;
const NAMES = Object.keys(CLIENTS) as Name[];
const PAIRS = NAMES.flatMap((client) => NAMES.filter((engine) => engine !== client).map((engine) => [client, engine] as const));

describe.each(PAIRS)('a client of %s at an engine of %s', (clientName, engineName) => {
  const client = CLIENTS[clientName];
  const engine = ENGINES[engineName];
  const streamBody = client.flag ? { ...client.body, stream: true } : client.body;

  it('gets the answer in its own format, charged once', async () => {
    const { gateway, engines } = await start(engineName, { json: engine.json });

    const response = await gateway.post(client.path, client.body);
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(text).toContain('Hello');
    expect(engines[0]?.calls[0]?.format).toBe(engineName);
    expect(JSON.parse(Buffer.from(engines[0]?.calls[0]?.body ?? []).toString())).not.toHaveProperty('drop_params');
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage: { inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 } }]);
  });

  it('gets a stream in its own format with its own end', async () => {
    const { gateway } = await start(engineName, { chunks: engine.events });

    const response = await gateway.post(client.streamPath, streamBody);
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain(client.end);
    expect(text).toContain('Hel');
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage: { inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 } }]);
  });

  it('never takes a cut stream for a whole one', async () => {
    for (let count = 0; count < engine.events.length; count += 1) {
      const { gateway } = await start(engineName, { chunks: engine.events.slice(0, count), fault: new PlatformError('upstream_cut', { message: 'cut' }) });

      const text = await (await gateway.post(client.streamPath, streamBody)).text();

      expect(text).not.toContain(client.end);
      expect(text).toContain('error');
      expect(gateway.log.settled.length + gateway.log.released).toBe(1);
    }
  });

  it('cancels the engine when it goes', async () => {
    const { gateway, engines } = await start(engineName, { chunks: engine.events.slice(0, -1), hangs: true });
    const controller = new AbortController();
    const asked = gateway.post(client.streamPath, streamBody, { signal: controller.signal }).catch(() => undefined);
    while (engines[0]?.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));

    controller.abort();
    await asked;
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(engines[0]?.aborted()).toBe(1);
    expect(gateway.log.settled.length + gateway.log.released).toBe(1);
  });

  it('reads the refusal of the engine in its own format', async () => {
    const { gateway } = await start(engineName, {
      status: 400,
      json: { type: 'error', error: { type: 'invalid_request_error', message: 'no such luck', code: 400 } },
    });

    const response = await gateway.post(client.path, client.body);
    const value = (await response.json()) as { error: { message: string } };

    expect(response.status).toBe(400);
    expect(value.error.message).toContain('no such luck');
  });
});

describe('what an engine can not be told', () => {
  const body = { model: 'sim-8b', messages, seed: 7 };

  it('is refused by the name that the client knows', async () => {
    const { gateway, engines } = await start('anthropic-messages', { json: anthropicMessage });

    const response = await gateway.post('/v1/chat/completions', body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'not_supported', param: 'seed', message: expect.stringContaining('"seed"') } });
    expect(engines[0]?.calls).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it.each([
    ['a field', { ...body, drop_params: true }, {}],
    ['a header', body, { 'x-maru-drop-params': 'true' }],
  ])('is let go with a named warning where %s says so', async (_name, sent, headers) => {
    const { gateway, engines } = await start('anthropic-messages', { json: anthropicMessage });

    const response = await gateway.post('/v1/chat/completions', sent, { headers });

    expect(response.status).toBe(200);
    expect(response.headers.get('x-maru-warnings')).toMatch(/^seed was left out: /);
    expect(Buffer.from(engines[0]?.calls[0]?.body ?? []).toString()).not.toMatch(/seed|drop_params/);
  });

  it('is let go where the attempt says so', async () => {
    const engine = createPlayedEngine({ speaks: ['anthropic-messages'], play: { json: anthropicMessage } });
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine, { dropParams: true })] });
    closers.push(() => gateway.close());

    const response = await gateway.post('/v1/chat/completions', body);

    expect(response.headers.get('x-maru-warnings')).toContain('seed');
  });

  it('is no matter where the formats are the same, and drop_params goes no further', async () => {
    const { gateway, engines } = await start('openai-chat', { json: chatAnswer });

    const response = await gateway.post('/v1/chat/completions', { ...body, drop_params: true });

    expect(response.status).toBe(200);
    expect(response.headers.get('x-maru-warnings')).toBeNull();
    expect(JSON.parse(Buffer.from(engines[0]?.calls[0]?.body ?? []).toString())).toEqual({ ...body, model: 'served-name' });
  });
});
