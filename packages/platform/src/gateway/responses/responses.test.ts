import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore } from '#store';
import { createFakeClock, createSystemClock, type FakeClock } from '#time';
import { createPlayedEngine, type Play, type PlayedEngine } from '../__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from '../__fixtures__/test-gateway.ts';
import { chatAnswer, chatEvents, responsesAnswer, responsesEvents } from '../__fixtures__/wire-samples.ts';
import { createResponses, type Responses } from './responses.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Started {
  readonly gateway: TestGateway;
  readonly engine: PlayedEngine;
  readonly responses: Responses;
  call(method: string, path: string, key?: string): Promise<Response>;
}

async function start(play: Play, more: { own?: boolean; clock?: FakeClock; retentionMs?: number } = {}): Promise<Started> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const responses = createResponses({
    store,
    clock: more.clock ?? createSystemClock(),
    ...(more.retentionMs === undefined ? {} : { retentionMs: more.retentionMs }),
  });
  const engine = createPlayedEngine({ speaks: [more.own === true ? 'openai-responses' : 'openai-chat'], play });
  const principals = { 'sk-test': { tenant: 'red', keyId: 'k1' }, 'sk-blue': { tenant: 'blue', keyId: 'k2' } };
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], responses, principals });
  closers.push(
    () => gateway.close(),
    () => gateway.gateway.close(0),
    () => responses.close(),
    () => store.close(),
  );
  const call = (method: string, path: string, key = 'sk-test'): Promise<Response> =>
    fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${key}` } });
  return { gateway, engine, responses, call };
}

const ask = { model: 'sim-8b', input: 'Hi' };
const bodyOf = (engine: PlayedEngine, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(engine.calls[index]?.body ?? []).toString()) as Record<string, unknown>;
const idOf = async (response: Response): Promise<string> => ((await response.json()) as { id: string }).id;

describe('a response', () => {
  it.each([
    ['of an engine that speaks the format', true, responsesAnswer],
    ['of an engine that speaks another one', false, chatAnswer],
  ])('%s can be read, listed and deleted', async (_name, own, json) => {
    const { gateway, call } = await start({ json }, { own });

    const made = (await (await gateway.post('/v1/responses', ask)).json()) as { id: string; output: unknown };
    const read = (await (await call('GET', `/v1/responses/${made.id}`)).json()) as object;
    const items = await (await call('GET', `/v1/responses/${made.id}/input_items`)).json();
    const deleted = await (await call('DELETE', `/v1/responses/${made.id}`)).json();

    expect(read).toEqual({ ...made, status: 'completed' });
    expect(items).toMatchObject({ object: 'list', has_more: false, data: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] });
    expect(deleted).toEqual({ id: made.id, object: 'response', deleted: true });
    expect((await call('GET', `/v1/responses/${made.id}`)).status).toBe(404);
  });

  it.each([
    ['own', true, responsesEvents],
    ['other', false, chatEvents],
  ])('is kept from a stream before its end is sent, engine of the %s format', async (_name, own, chunks) => {
    const { gateway, call } = await start({ chunks }, { own });

    const text = await (await gateway.post('/v1/responses', { ...ask, stream: true })).text();
    const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1] ?? '';

    expect(text).toContain('response.completed');
    expect(await (await call('GET', `/v1/responses/${id}`)).json()).toMatchObject({ id, status: 'completed' });
  });

  it('that could not be kept is a failure in its trace too', async () => {
    const store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    const responses = createResponses({ store, clock: createSystemClock() });
    const engine = createPlayedEngine({ speaks: ['openai-responses'], play: { json: responsesAnswer } });
    const keep = (): Promise<void> => Promise.reject(new PlatformError('storage_full', { message: 'no space is left' }));
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], responses: { ...responses, keep } });
    closers.push(
      () => gateway.close(),
      () => responses.close(),
      () => store.close(),
    );

    const reply = await gateway.post('/v1/responses', ask);

    const spans = gateway.log.spans.filter((span) => span.kind === 'gateway');
    expect(reply.ok).toBe(false);
    expect(spans.map((span) => [span.status, span.attributes['errorCode'], span.attributes['httpStatus']])).toEqual([['error', 'storage_full', reply.status]]);
  });

  it('is invisible to another tenant', async () => {
    const { gateway, call } = await start({ json: responsesAnswer }, { own: true });
    const id = await idOf(await gateway.post('/v1/responses', ask));

    const read = await call('GET', `/v1/responses/${id}`, 'sk-blue');
    const deleted = await call('DELETE', `/v1/responses/${id}`, 'sk-blue');
    const goOn = await gateway.post('/v1/responses', { ...ask, previous_response_id: id }, { headers: { authorization: 'Bearer sk-blue' } });

    expect([read.status, deleted.status, goOn.status]).toEqual([404, 404, 400]);
    expect(await goOn.json()).toMatchObject({ error: { param: 'previous_response_id' } });
  });

  it('is not kept where the client says so', async () => {
    const { gateway, call } = await start({ json: responsesAnswer }, { own: true });
    const id = await idOf(await gateway.post('/v1/responses', { ...ask, store: false }));

    expect((await call('GET', `/v1/responses/${id}`)).status).toBe(404);
  });

  it('is kept for its time and no longer', async () => {
    const clock = createFakeClock();
    const { gateway, responses } = await start({ json: responsesAnswer }, { own: true, clock, retentionMs: 1000 });
    const id = await idOf(await gateway.post('/v1/responses', ask));

    await expect(responses.get('red', id)).resolves.toMatchObject({ id });
    await clock.advance(1001);
    await expect(responses.get('red', id)).rejects.toThrow('no longer kept');
  });

  it('needs a key, a known id and the right method', async () => {
    const { call } = await start({ json: responsesAnswer });

    expect((await call('GET', '/v1/responses/resp_none', 'sk-wrong')).status).toBe(401);
    expect((await call('GET', '/v1/responses/resp_none')).status).toBe(404);
    expect((await call('PUT', '/v1/responses/resp_none')).status).toBe(405);
    expect((await call('GET', '/v1/responses/resp_none/cancel')).status).toBe(405);
  });
});

describe('a conversation', () => {
  it('goes on from the response before', async () => {
    const { gateway, engine, call } = await start({ json: chatAnswer });
    const first = (await (await gateway.post('/v1/responses', ask)).json()) as { id: string };

    const second = (await (await gateway.post('/v1/responses', { ...ask, input: 'And now?', previous_response_id: first.id })).json()) as Record<
      string,
      unknown
    >;

    const sent = JSON.stringify(bodyOf(engine, 1));
    expect(sent).toMatch(/Hi.*Hello.*And now\?/);
    expect(sent).not.toContain(first.id);
    expect(second['previous_response_id']).toBe(first.id);
    expect(second['id']).not.toBe(first.id);
    const items = (await (await call('GET', `/v1/responses/${String(second['id'])}/input_items?order=asc`)).json()) as { data: { role: string }[] };
    expect(items.data.map((item) => item.role)).toEqual(['user', 'assistant', 'user']);
  });

  it('names the response before in every event of a stream', async () => {
    const { gateway } = await start({ json: chatAnswer });
    const first = await idOf(await gateway.post('/v1/responses', ask));
    const { gateway: streaming, responses } = await start({ chunks: responsesEvents }, { own: true });
    const kept = { id: first, previousId: undefined, input: [], answer: { output: [] } };
    await responses.begin('red', kept, () => undefined);
    await responses.finish('red', { id: first, status: 'completed', answer: { output: [] } });

    const text = await (await streaming.post('/v1/responses', { ...ask, stream: true, previous_response_id: first })).text();

    expect(text).not.toContain('"previous_response_id":null');
    expect(text.split(`"previous_response_id":"${first}"`)).toHaveLength(3);
  });

  it.each([
    [7, 'must be the id'],
    ['resp_unknown', 'does not exist'],
  ])('is refused from %j', async (id, why) => {
    const { gateway } = await start({ json: chatAnswer });

    const response = await gateway.post('/v1/responses', { ...ask, previous_response_id: id });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'previous_response_id', message: expect.stringContaining(why) } });
  });
});

describe('a response in the background', () => {
  const settled = async (call: Started['call'], id: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const response = (await (await call('GET', `/v1/responses/${id}`)).json()) as Record<string, unknown>;
      if (response['status'] !== 'in_progress' && response['status'] !== 'queued') return response;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('is queued at once and can be read when it is made', async () => {
    const { gateway, engine, call } = await start({ json: responsesAnswer }, { own: true });

    const queued = (await (await gateway.post('/v1/responses', { ...ask, background: true })).json()) as { id: string; status: string };
    const made = await settled(call, queued.id);

    expect(queued.status).toBe('queued');
    expect(made).toMatchObject({ id: queued.id, status: 'completed', background: true, output: responsesAnswer.output });
    expect(bodyOf(engine, 0)['background']).toBeNull();
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('is cancelled, and its engine with it', async () => {
    const { gateway, engine, call } = await start({ chunks: [], type: 'application/json', hangs: true });
    const id = await idOf(await gateway.post('/v1/responses', { ...ask, background: true }));
    while (engine.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));

    const cancelled = await (await call('POST', `/v1/responses/${id}/cancel`)).json();
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));

    expect(cancelled).toMatchObject({ id, status: 'cancelled' });
    expect(engine.aborted()).toBe(1);
    expect(await settled(call, id)).toMatchObject({ status: 'cancelled' });
  });

  it('fails when its engine does', async () => {
    const { gateway, call } = await start({ status: 500, json: { error: { message: 'broken' } } });

    const id = await idOf(await gateway.post('/v1/responses', { ...ask, background: true }));

    expect(await settled(call, id)).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('broken') } });
  });

  it('is lost with the process that made it, and says so', async () => {
    const clock = createFakeClock();
    const { responses } = await start({ json: {} }, { clock });
    await responses.begin('red', { id: 'resp_1', previousId: undefined, input: [], answer: { id: 'resp_1' } }, () => undefined);
    await responses.close();

    expect((await responses.get('red', 'resp_1')).status).toBe('in_progress');
    await clock.advance(31_000);
    expect(await responses.get('red', 'resp_1')).toMatchObject({ status: 'failed', answer: { error: { code: 'server_error' } } });
  });

  it('lives as long as its process renews it, and hears of a cancel in another one', async () => {
    const clock = createFakeClock();
    const { responses } = await start({ json: {} }, { clock });
    let cancelled = 0;
    await responses.begin('red', { id: 'resp_1', previousId: undefined, input: [], answer: {} }, () => (cancelled += 1));
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect((await responses.get('red', 'resp_1')).status).toBe('in_progress');
    expect(cancelled).toBe(0);
  });

  it.each([
    [{ ...ask, background: true, store: false }, 'invalid_request'],
    [{ ...ask, background: true, model: 'nobody' }, 'model_not_found'],
  ])('is refused at once: %j', async (body, code) => {
    const { gateway, engine } = await start({ json: chatAnswer });

    const response = await gateway.post('/v1/responses', body);

    expect(await response.json()).toMatchObject({ error: { code } });
    expect(engine.calls).toEqual([]);
  });

  it('is the only one that can be cancelled', async () => {
    const { gateway, call } = await start({ json: responsesAnswer }, { own: true });
    const id = await idOf(await gateway.post('/v1/responses', ask));

    expect((await call('POST', `/v1/responses/${id}/cancel`)).status).toBe(400);
  });
});

describe('the list of input items', () => {
  it('comes in pages, in both orders', async () => {
    const { gateway, call } = await start({ json: responsesAnswer }, { own: true });
    const input = Array.from({ length: 5 }, (_, index) => ({ role: 'user', content: `text ${index}` }));
    const id = await idOf(await gateway.post('/v1/responses', { ...ask, input }));
    const page = async (query: string): Promise<{ data: { id: string; content: string }[]; has_more: boolean; last_id: string }> =>
      (await (await call('GET', `/v1/responses/${id}/input_items?${query}`)).json()) as {
        data: { id: string; content: string }[];
        has_more: boolean;
        last_id: string;
      };

    const first = await page('limit=3');
    const rest = await page(`limit=3&after=${first.last_id}`);
    const up = await page('order=asc&limit=1');

    expect(first.data.map((item) => item.content)).toEqual(['text 4', 'text 3', 'text 2']);
    expect([first.has_more, rest.has_more]).toEqual([true, false]);
    expect(rest.data.map((item) => item.content)).toEqual(['text 1', 'text 0']);
    expect(up.data[0]?.content).toBe('text 0');
    for (const query of ['limit=0', 'limit=x', 'order=up', 'after=none'])
      expect((await call('GET', `/v1/responses/${id}/input_items?${query}`)).status).toBe(400);
  });
});
