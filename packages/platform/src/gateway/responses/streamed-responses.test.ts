import { afterEach, describe, expect, it } from 'vitest';
import { SseParser } from '#http';
import { migrateStore, openStore, type Store } from '#store';
import { type Clock, createFakeClock, createSystemClock } from '#time';
import { createPlayedEngine, type Play, type PlayedEngine } from '../__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from '../__fixtures__/test-gateway.ts';
import { chatAnswer, chatEvents, responsesAnswer, responsesEvents } from '../__fixtures__/wire-samples.ts';
import { createResponses, type Responses } from './responses.ts';

type Json = Record<string, unknown>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Started {
  readonly gateway: TestGateway;
  readonly engine: PlayedEngine;
  readonly responses: Responses;
  readonly store: Store;
  get(path: string, key?: string): Promise<Response>;
}

async function start(play: Play, own = true): Promise<Started> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const responses = createResponses({ store, clock: createSystemClock() });
  const engine = createPlayedEngine({ speaks: [own ? 'openai-responses' : 'openai-chat'], play });
  const principals = { 'sk-test': { tenant: 'red', keyId: 'k1' }, 'sk-blue': { tenant: 'blue', keyId: 'k2' } };
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], responses, principals });
  closers.push(
    () => gateway.close(),
    () => gateway.gateway.close(0),
    () => responses.close(),
    () => store.close(),
  );
  return { gateway, engine, responses, store, get: (path, key = 'sk-test') => fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } }) };
}

/** A second process over the same database. */
function another(store: Store, clock: Clock): Responses {
  const responses = createResponses({ store, clock });
  closers.unshift(() => responses.close());
  return responses;
}

const ask = { model: 'sim-8b', input: 'Hi' };
const inBackground = { ...ask, background: true, stream: true };
const eventsOf = (text: string): readonly Json[] => new SseParser().push(Buffer.from(text)).map((event) => JSON.parse(event.data) as Json);
const typesOf = (events: readonly Json[]): readonly unknown[] => events.map((event) => event['type']);
const numbersOf = (events: readonly Json[]): readonly unknown[] => events.map((event) => event['sequence_number']);
const count = (length: number, from = 0): readonly number[] => Array.from({ length }, (_, index) => from + index);
const responseOf = (event: Json): Json => (event['response'] ?? {}) as Json;
const idOf = (events: readonly Json[]): string => String(responseOf(events[0] ?? {})['id']);
const never = new AbortController().signal;
const collect = async (events: AsyncIterable<readonly Json[]>): Promise<readonly Json[]> => {
  const all: Json[] = [];
  for await (const some of events) all.push(...some);
  return all;
};

describe('a streamed response in the background', () => {
  it.each([
    ['own', true, responsesEvents],
    ['other', false, chatEvents],
  ])('comes whole and numbered without a gap from an engine of the %s format', async (_name, own, chunks) => {
    const { gateway, get } = await start({ chunks }, own);

    const response = await gateway.post('/v1/responses', inBackground);
    const events = eventsOf(await response.text());
    const kept = (await (await get(`/v1/responses/${idOf(events)}`)).json()) as Json;

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(numbersOf(events)).toEqual(count(events.length));
    expect(typesOf(events).slice(0, 2)).toEqual(['response.created', 'response.queued']);
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { background: true, status: 'completed' } });
    expect(events.at(-1)?.['response']).toEqual(kept);
    expect(new Set(events.flatMap((event) => (event['response'] === undefined ? [] : [responseOf(event)['id']]))).size).toBe(1);
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('can be gone on with after any of its events, by its tenant only', async () => {
    const { gateway, get } = await start({ chunks: responsesEvents });
    const events = eventsOf(await (await gateway.post('/v1/responses', inBackground)).text());
    const path = `/v1/responses/${idOf(events)}?stream=true`;

    for (let after = 0; after < events.length; after += 1) {
      expect(eventsOf(await (await get(`${path}&starting_after=${after}`)).text())).toEqual(events.slice(after + 1));
    }
    expect(eventsOf(await (await get(path)).text())).toEqual(events);
    expect((await get(path, 'sk-blue')).status).toBe(404);
    expect((await get(`${path}&starting_after=x`)).status).toBe(400);
  });

  it('goes on without the client that asked for it, and another one takes it up', async () => {
    const { gateway, engine, responses, get } = await start({ chunks: responsesEvents.slice(0, -1), hangs: true });
    const controller = new AbortController();
    const first = await gateway.post('/v1/responses', inBackground, { signal: controller.signal });
    let text = '';
    for await (const chunk of first.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('output_text.delta')) break;
    }
    controller.abort();
    const id = idOf(eventsOf(text));
    const resumed = await get(`/v1/responses/${id}?stream=true&starting_after=2`);

    expect(engine.aborted()).toBe(0);
    await responses.cancel('red', id);
    const rest = eventsOf(await resumed.text());

    expect(rest[0]).toMatchObject({ sequence_number: 3, type: 'response.output_text.delta' });
    expect(rest.at(-1)).toMatchObject({ type: 'response.failed', response: { id, status: 'cancelled' } });
    while (gateway.gateway.active() > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(engine.aborted()).toBe(1);
  });

  it.each([
    ['refuses', { status: 500, json: { error: { message: 'broken' } } }],
    ['breaks off', { chunks: responsesEvents.slice(0, 3) }],
  ])('says that it failed where its engine %s', async (_name, play) => {
    const { gateway, get } = await start(play);

    const events = eventsOf(await (await gateway.post('/v1/responses', inBackground)).text());

    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: { message: expect.any(String) } } });
    expect(numbersOf(events)).toEqual(count(events.length));
    expect(await (await get(`/v1/responses/${idOf(events)}`)).json()).toMatchObject({ status: 'failed' });
  });

  it('keeps what was sent when its process is killed, and then says that it failed', async () => {
    const { responses, store } = await start({ json: {} });
    const created = { type: 'response.created', sequence_number: 0, response: { id: 'resp_1' } };
    const delta = { type: 'response.output_text.delta', sequence_number: 1, delta: 'Hel' };
    await responses.begin('red', { id: 'resp_1', previousId: undefined, input: [], answer: { id: 'resp_1' }, events: [created] }, () => undefined);
    await responses.append('red', 'resp_1', [delta]);
    await responses.close();

    const clock = createFakeClock(createSystemClock().nowMs() + 60_000);
    const events = await collect(another(store, clock).follow('red', 'resp_1', { after: -1, signal: never }));

    expect(events.slice(0, 2)).toEqual([created, delta]);
    expect(events[2]).toMatchObject({ type: 'response.failed', sequence_number: 2, response: { status: 'failed', error: { code: 'server_error' } } });
    expect(events).toHaveLength(3);
  });

  it('is followed from another process while it is made', async () => {
    const { responses, store } = await start({ json: {} });
    const created = { type: 'response.created', sequence_number: 0 };
    await responses.begin('red', { id: 'resp_1', previousId: undefined, input: [], answer: {}, events: [created] }, () => undefined);
    const clock = createFakeClock(createSystemClock().nowMs());
    const followed = collect(another(store, clock).follow('red', 'resp_1', { after: 0, signal: never }));
    await responses.append('red', 'resp_1', [{ type: 'x', sequence_number: 1 }]);
    await responses.finish('red', { id: 'resp_1', status: 'completed', answer: { id: 'resp_1' } });
    let over = false;
    void followed.then(() => (over = true));
    while (!over) {
      await clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(typesOf(await followed)).toEqual(['x', 'response.completed']);
  });

  it('gets nothing more once it is cancelled or deleted', async () => {
    const { responses } = await start({ json: {} });
    const begin = (id: string): Promise<void> =>
      responses.begin('red', { id, previousId: undefined, input: [], answer: {}, events: [{ sequence_number: 0 }] }, () => undefined);
    await begin('resp_1');
    await begin('resp_2');
    await responses.cancel('red', 'resp_1');
    await responses.remove('red', 'resp_2');

    expect(await responses.append('red', 'resp_1', [{ sequence_number: 1 }])).toBe(false);
    expect(await responses.append('red', 'resp_2', [{ sequence_number: 1 }])).toBe(false);
    await expect(collect(responses.follow('red', 'resp_2', { after: -1, signal: never }))).rejects.toThrow('there is no response');
  });
});

describe('the stream of a response that was made before', () => {
  const output = [
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hmm' }] },
    ...responsesAnswer.output,
    { type: 'function_call', id: 'fc_1', status: 'completed', call_id: 'c1', name: 'look', arguments: '{"at":1}' },
    { type: 'custom_tool_call', id: 'ct_1', call_id: 'c2', name: 'run', input: 'ls' },
    { type: 'message', id: 'msg_2', role: 'assistant', status: 'completed', content: [{ type: 'refusal', refusal: 'No' }] },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
  ];

  it('tells its whole answer, each delta once', async () => {
    const { gateway, get } = await start({ json: { ...responsesAnswer, output } });
    const made = (await (await gateway.post('/v1/responses', ask)).json()) as Json;

    const events = eventsOf(await (await get(`/v1/responses/${String(made['id'])}?stream=true`)).text());
    const deltas = events.filter((event) => String(event['type']).endsWith('.delta')).map((event) => event['delta']);

    expect(numbersOf(events)).toEqual(count(events.length));
    expect(deltas).toEqual(['Hmm', 'Hello', '{"at":1}', 'ls', 'No']);
    expect(events.filter((event) => event['type'] === 'response.output_item.done').map((event) => event['item'])).toEqual(output);
    expect(events.filter((event) => event['type'] === 'response.output_item.added')).toHaveLength(output.length);
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: made });
    expect(events[0]).toMatchObject({ type: 'response.created', response: { status: 'in_progress', output: [] } });
  });

  it('goes on where the client says', async () => {
    const { gateway, get } = await start({ json: chatAnswer }, false);
    const made = (await (await gateway.post('/v1/responses', ask)).json()) as Json;
    const path = `/v1/responses/${String(made['id'])}?stream=true`;
    const all = eventsOf(await (await get(path)).text());

    expect(eventsOf(await (await get(`${path}&starting_after=3`)).text())).toEqual(all.slice(4));
    expect(await (await get(`${path}&starting_after=1000`)).text()).toBe('');
  });

  it('waits for one that is made in the background without a stream', async () => {
    const { responses, get } = await start({ json: {} });
    await responses.begin('red', { id: 'resp_1', previousId: undefined, input: [], answer: { id: 'resp_1' } }, () => undefined);
    const streamed = await get('/v1/responses/resp_1?stream=true');

    await responses.finish('red', { id: 'resp_1', status: 'completed', answer: { ...responsesAnswer, id: 'resp_1' } });
    const events = eventsOf(await streamed.text());

    expect(numbersOf(events)).toEqual(count(events.length));
    expect(typesOf(events)).toContain('response.output_text.delta');
  });
});
