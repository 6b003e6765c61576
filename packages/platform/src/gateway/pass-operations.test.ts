import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlayedEngine, type Play, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf, entryOf, startTestGateway, TEST_KEY, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const ENTRIES = [
  entryOf('sim-8b', { capabilities: ['moderations', 'images', 'speech', 'transcriptions', 'rerank', 'score', 'chat'] }),
  entryOf('talker', { capabilities: ['chat'] }),
];

async function start(...plays: readonly Play[]): Promise<{ gateway: TestGateway; engines: readonly PlayedEngine[] }> {
  const engines = plays.map((pass, index) => createPlayedEngine({ pass, endpoint: `played-${index}` }));
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)), entries: ENTRIES });
  closers.push(() => gateway.close());
  return { gateway, engines };
}

describe('an operation whose bytes are passed on', () => {
  it.each([
    ['/v1/rerank', { model: 'sim-8b', query: 'q', documents: ['a', 'b'] }, { results: [], meta: { billed_units: { search_units: 1 } } }, { searchUnits: 1 }],
    ['/rerank', { model: 'sim-8b', query: 'q', documents: ['a'] }, { results: [], usage: { total_tokens: 9 } }, { inputTokens: 9 }],
    ['/v1/score', { model: 'sim-8b', text_1: 'a', text_2: 'b' }, { data: [], usage: { prompt_tokens: 7, total_tokens: 7 } }, { inputTokens: 7 }],
    ['/v1/images/generations', { model: 'sim-8b', prompt: 'a cat', n: 2 }, { data: [{ url: 'x' }, { url: 'y' }] }, { images: 2 }],
    [
      '/v1/images/generations',
      { model: 'sim-8b', prompt: 'a cat' },
      { data: [{}], usage: { input_tokens: 50, input_tokens_details: { image_tokens: 40, text_tokens: 10 }, output_tokens: 1000, total_tokens: 1050 } },
      { inputTokens: 10, imageInputTokens: 40, outputTokens: 1000 },
    ],
    ['/v1/moderations', { model: 'sim-8b', input: 'twelve bytes' }, { id: 'm', results: [] }, { inputTokens: 4 }],
  ])('%s is passed and charged in its own unit', async (path, body, json, usage) => {
    const { gateway, engines } = await start({ json });

    const response = await gateway.post(path, body);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(json);
    expect(response.headers.get('x-maru-cost-usd')).toBe('0.0015');
    expect(JSON.parse(engines[0]?.passed[0]?.body.toString() ?? '')).toEqual({ ...body, model: 'served-name' });
    expect(gateway.log.settled).toMatchObject([{ outcome: 'ok', usage }]);
  });

  it.each(['/tokenize', '/detokenize'])('%s costs nothing', async (path) => {
    const { gateway } = await start({ json: { tokens: [1, 2], count: 2 } });

    const response = await gateway.post(path, { model: 'talker', prompt: 'hello', tokens: [1, 2] });

    expect(await response.json()).toEqual({ tokens: [1, 2], count: 2 });
    expect(gateway.log.settled).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it('gives sound to the client as it comes and charges its characters before the last byte', async () => {
    const sound = [Buffer.from([1, 2, 3]), Buffer.from([4]), Buffer.from([5, 6])];
    const { gateway } = await start({ type: 'audio/mpeg', chunks: sound });

    const response = await gateway.post('/v1/audio/speech', { model: 'sim-8b', input: '안녕하세요', voice: 'v' });

    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(sound));
    expect(gateway.log.settled).toMatchObject([{ outcome: 'ok', estimated: true, usage: { characters: 5 } }]);
  });

  it('breaks a sound off that the engine broke off', async () => {
    const { gateway } = await start({ type: 'audio/mpeg', chunks: [Buffer.from([1, 2, 3])], fault: new PlatformError('upstream_cut', { message: 'cut' }) });

    const asked = gateway.post('/v1/audio/speech', { model: 'sim-8b', input: 'x', voice: 'v' }).then((response) => response.arrayBuffer());

    await expect(asked).rejects.toThrow();
    expect(gateway.log.settled).toMatchObject([{ outcome: 'error' }]);
  });

  it('breaks a sound off when its charge can not be written', async () => {
    const engine = createPlayedEngine({ pass: { type: 'audio/mpeg', chunks: [Buffer.from([1, 2, 3])] } });
    const settle = (): never => {
      throw new PlatformError('storage_full', { message: 'full' });
    };
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], entries: ENTRIES, settle });
    closers.push(() => gateway.close());

    const asked = gateway.post('/v1/audio/speech', { model: 'sim-8b', input: 'x', voice: 'v' }).then((response) => response.arrayBuffer());

    await expect(asked).rejects.toThrow();
  });

  it('lets another engine answer while nothing was given', async () => {
    const { gateway } = await start({ status: 503, json: { error: 'busy' } }, { json: { results: [] } });

    const response = await gateway.post('/v1/rerank', { model: 'sim-8b', query: 'q', documents: [] });

    expect(response.headers.get('x-maru-endpoint')).toBe('played-1');
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('cancels the engine when the client goes', async () => {
    const { gateway, engines } = await start({ type: 'audio/mpeg', chunks: [Buffer.from([1, 2, 3])], hangs: true });
    const controller = new AbortController();
    const response = await gateway.post('/v1/audio/speech', { model: 'sim-8b', input: 'x', voice: 'v' }, { signal: controller.signal });
    await response.body?.getReader().read();

    controller.abort();
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(engines[0]?.aborted()).toBe(1);
    expect(gateway.log.settled).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('is refused by a model that does not offer it, before it costs anything', async () => {
    const { gateway, engines } = await start({ json: {} });

    const response = await gateway.post('/v1/rerank', { model: 'talker', query: 'q', documents: [] });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'not_supported', message: expect.stringContaining('rerank') } });
    expect(engines[0]?.passed).toEqual([]);
  });

  it('is refused by an engine that passes nothing', async () => {
    const gateway = await startTestGateway({ attempts: () => [attemptOf(createPlayedEngine({}))], entries: ENTRIES });
    closers.push(() => gateway.close());

    const response = await gateway.post('/v1/score', { model: 'sim-8b', text_1: 'a', text_2: 'b' });

    expect(await response.json()).toMatchObject({ error: { code: 'not_supported' } });
    expect(gateway.log.released).toBe(1);
  });
});

describe('a request without a model', () => {
  it('goes to the only model that can do it', async () => {
    const { gateway, engines } = await start({ json: { results: [] } });

    const response = await gateway.post('/v1/moderations', { input: 'x' });

    expect(response.status).toBe(200);
    expect(JSON.parse(engines[0]?.passed[0]?.body.toString() ?? '')).toEqual({ model: 'served-name', input: 'x' });
  });

  it('is refused where there are several, or where the operation needs a name', async () => {
    const gateway = await startTestGateway({ attempts: () => [], entries: [...ENTRIES, entryOf('other', { capabilities: ['moderations'] })] });
    closers.push(() => gateway.close());

    const several = await gateway.post('/v1/moderations', { input: 'x' });
    const needed = await gateway.post('/v1/rerank', { query: 'q', documents: [] });

    expect(await several.json()).toMatchObject({ error: { param: 'model', message: expect.stringContaining('"other"') } });
    expect(await needed.json()).toMatchObject({ error: { param: 'model' } });
  });
});

describe('count_tokens', () => {
  const question = { model: 'sim-8b', messages: [{ role: 'user', content: 'How long is this?' }] };

  it('asks an engine of the same format', async () => {
    const engine = createPlayedEngine({ speaks: ['anthropic-messages'], pass: { json: { input_tokens: 14 } } });
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
    closers.push(() => gateway.close());

    const response = await gateway.post('/v1/messages/count_tokens', question, { headers: { 'x-api-key': TEST_KEY } });

    expect(await response.json()).toEqual({ input_tokens: 14 });
    expect(engine.passed[0]?.request.operation).toBe('count-tokens');
    expect(gateway.log.released).toBe(1);
  });

  it.each([
    ['/v1/messages/count_tokens', 'input_tokens'],
    ['/v1beta/models/sim-8b:countTokens', 'totalTokens'],
  ])('%s is estimated by all others, and says so', async (path, field) => {
    const gateway = await startTestGateway({ attempts: () => [attemptOf(createPlayedEngine({}))] });
    closers.push(() => gateway.close());

    const response = await gateway.post(path, { ...question, contents: [] });

    expect(response.headers.get('x-maru-warnings')).toContain('estimated');
    expect(((await response.json()) as Record<string, number>)[field]).toBeGreaterThan(10);
    expect(gateway.log.settled).toEqual([]);
  });
});
