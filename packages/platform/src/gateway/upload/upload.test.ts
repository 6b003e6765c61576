import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlayedEngine, type Play, type PlayedEngine } from '../__fixtures__/played-engine.ts';
import { attemptOf, entryOf, startTestGateway, TEST_KEY, type TestGateway } from '../__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(plays: readonly Play[], maxBodyBytes?: number): Promise<{ gateway: TestGateway; engines: readonly PlayedEngine[]; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'maru-upload-'));
  const engines = plays.map((pass, index) => createPlayedEngine({ pass, endpoint: `played-${index}` }));
  const gateway = await startTestGateway({
    attempts: () => engines.map((engine) => attemptOf(engine)),
    entries: [entryOf('sim-8b', { capabilities: ['transcriptions', 'images'] })],
    uploadDir: folder,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
  closers.push(
    () => gateway.close(),
    () => rm(folder, { recursive: true }),
  );
  return { gateway, engines, folder };
}

const send = (gateway: TestGateway, form: FormData, path = '/v1/audio/transcriptions'): Promise<Response> =>
  fetch(gateway.url + path, { method: 'POST', headers: { authorization: `Bearer ${TEST_KEY}` }, body: form });

const sound = (bytes: number): Blob => new Blob([Buffer.alloc(bytes, 7)], { type: 'audio/wav' });

function formOf(bytes: number, order: 'model first' | 'file first'): FormData {
  const form = new FormData();
  if (order === 'model first') form.append('model', 'sim-8b');
  form.append('file', sound(bytes), 'a.wav');
  form.append('response_format', 'json');
  if (order === 'file first') form.append('model', 'sim-8b');
  return form;
}

async function readParts(engine: PlayedEngine | undefined): Promise<FormData> {
  const sent = engine?.passed[0];
  return new Response(new Uint8Array(sent?.body ?? []), { headers: { 'content-type': sent?.request.contentType ?? '' } }).formData();
}

describe('an upload', () => {
  it.each([
    [1000, 'model first'],
    [1000, 'file first'],
    [5_000_000, 'model first'],
    [5_000_000, 'file first'],
  ] as const)('of %i bytes, %s, goes on whole with the name that the engine knows', async (bytes, order) => {
    const { gateway, engines, folder } = await start([{ json: { text: 'hello there' } }]);

    const response = await send(gateway, formOf(bytes, order));
    const parts = await readParts(engines[0]);

    expect(await response.json()).toEqual({ text: 'hello there' });
    expect(parts.get('model')).toBe('served-name');
    expect(parts.get('response_format')).toBe('json');
    expect((parts.get('file') as File).size).toBe(bytes);
    expect(gateway.log.settled).toMatchObject([{ outcome: 'ok', estimated: true, usage: { outputTokens: 3 } }]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [{ text: 'x', usage: { type: 'duration', seconds: 3 } }, { mediaMs: 3000 }, false],
    [
      { text: 'x', usage: { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 10, text_tokens: 4 }, output_tokens: 5, total_tokens: 19 } },
      { inputTokens: 4, audioInputTokens: 10, outputTokens: 5 },
      false,
    ],
    [{ text: 'x', duration: 2.5 }, { mediaMs: 2500 }, true],
  ])('is charged as the engine says: %j', async (json, usage, estimated) => {
    const { gateway } = await start([{ json }]);

    await (await send(gateway, formOf(100, 'model first'))).arrayBuffer();

    expect(gateway.log.settled).toMatchObject([{ usage, estimated }]);
  });

  it('may be answered with text', async () => {
    const { gateway } = await start([{ type: 'text/plain', chunks: ['1\n00:00 --> 00:01\nhello\n'] }]);

    const response = await send(gateway, formOf(100, 'file first'));

    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.text()).toContain('hello');
  });

  it('is sent to another engine while all of it is still there', async () => {
    const { gateway, engines } = await start([{ status: 503, json: {} }, { json: { text: 'x' } }]);

    const response = await send(gateway, formOf(3_000_000, 'file first'));

    expect(response.headers.get('x-maru-endpoint')).toBe('played-1');
    expect(engines[1]?.passed[0]?.body.length).toBeGreaterThan(3_000_000);
  });

  it('needs no model where one can do it', async () => {
    const { gateway, engines } = await start([{ json: { data: [{}] } }]);
    const form = new FormData();
    form.append('prompt', 'a hat');
    form.append('image', sound(10), 'a.png');

    const response = await send(gateway, form, '/v1/images/edits');

    expect(response.status).toBe(200);
    expect((await readParts(engines[0])).get('model')).toBeNull();
    expect(gateway.log.settled).toMatchObject([{ usage: { images: 1 } }]);
  });

  it('is refused without a model where the operation needs one', async () => {
    const { gateway } = await start([{ json: {} }]);
    const form = new FormData();
    form.append('file', sound(10), 'a.wav');

    const response = await send(gateway, form);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'model' } });
  });

  it.each(['model first', 'file first'] as const)('is refused when it is larger than the limit: %s', async (order) => {
    const { gateway } = await start([{ json: {} }], 100_000);

    const response = await send(gateway, formOf(2_000_000, order));

    expect(response.status).toBe(413);
    expect(gateway.log.settled).toEqual([]);
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'x'],
    ['another boundary', 'multipart/form-data; boundary=b', '--c\r\n\r\n--c--\r\n'],
    ['no end', 'multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1'],
    [
      'two models',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\na\r\n--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nb\r\n--b--',
    ],
  ])('is refused with %s', async (_name, type, body) => {
    const { gateway } = await start([{ json: {} }]);

    const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': type },
      body,
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
    expect(gateway.log.settled).toEqual([]);
  });

  it('ends when its client goes in the middle', async () => {
    const { gateway, engines } = await start([{ json: {} }]);
    const head =
      '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nsim-8b\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
    const url = new URL(gateway.url);
    const client = httpRequest({
      port: url.port,
      host: url.hostname,
      method: 'POST',
      path: '/v1/audio/transcriptions',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1000000' },
    });
    client.on('error', () => undefined);
    client.write(head);
    while (gateway.log.admitted.length === 0) await new Promise((resolve) => setImmediate(resolve));

    client.destroy();
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(engines[0]?.aborted()).toBe(1);
    expect(gateway.log.settled).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });
});
