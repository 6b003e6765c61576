import { modelKind } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSeededIds, createSystemClock } from '#time';
import { createTwinEngine, type TwinEngine } from './twin-engine.ts';
import { createTwinServer, type TwinServer } from './twin-server.ts';

describe('twin server', () => {
  let engine: TwinEngine;
  let server: TwinServer;

  beforeEach(async () => {
    const model = modelKind.schema.parse({
      apiVersion: 'maru.dev/v1alpha1',
      kind: 'Model',
      metadata: { name: 'sim-8b' },
      spec: { serving: { engine: 'twin', maxModelLen: 120_000, twin: { speed: 200 } } },
    });
    engine = createTwinEngine({ model, replica: 0, clock: createSystemClock(), ids: createSeededIds() });
    server = await createTwinServer({ engine, port: 0 });
  });

  afterEach(() => server.close());

  const post = (path: string, body: string, signal?: AbortSignal): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', body, ...(signal === undefined ? {} : { signal }) });

  it('answers health checks, lists its model and shows its metrics', async () => {
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/v1/models`)).json()).toMatchObject({
      data: [{ id: 'sim-8b', simulated: true, owned_by: 'maru-twin', max_model_len: 120_000 }],
    });
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('vllm:kv_cache_usage_perc{model_name="sim-8b",engine="0"} 0');
  });

  it('chats, streams and completes', async () => {
    const chat = await post('/v1/chat/completions', JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }));
    const stream = await post('/v1/chat/completions', JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], stream: true }));
    const completion = await post('/v1/completions', JSON.stringify({ prompt: 'Hi', max_tokens: 4 }));

    expect(await chat.json()).toMatchObject({ object: 'chat.completion' });
    expect(await stream.text()).toMatch(/^data: [\s\S]*data: \[DONE\]\n\n$/);
    expect(await completion.json()).toMatchObject({ object: 'text_completion', usage: { completion_tokens: 4 } });
  });

  it('answers errors with their status and an error object', async () => {
    expect((await post('/v1/chat/completions', '{')).status).toBe(400);
    expect((await post('/v1/embeddings', '{}')).status).toBe(404);
    expect(await (await fetch(`${server.url}/v2`)).json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('frees its memory when the client goes', async () => {
    const controller = new AbortController();
    const body = JSON.stringify({ prompt: 'Hi', max_tokens: 100_000, ignore_eos: true, stream: true });
    const response = await post('/v1/completions', body, controller.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(engine.load().running).toBe(1);

    controller.abort();
    await expect.poll(() => engine.load().running, { timeout: 2000 }).toBe(0);

    expect(engine.load().kvUse).toBe(0);
  });

  it('refuses a port that is taken', async () => {
    await expect(createTwinServer({ engine, port: server.port })).rejects.toMatchObject({ code: 'port_in_use' });
  });
});
