import { afterEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore } from '#store';
import { createFakeClock, type FakeClock } from '#time';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, type TestGateway } from '../__fixtures__/test-gateway.ts';
import { createIdempotency, type Idempotency, MAX_KEPT_BYTES } from './idempotency.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const answer = (text: string): object => ({
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
});
const chunk = (delta: object, finish: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

interface Started {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
  readonly idempotency: Idempotency;
  readonly clock: FakeClock;
  readonly rows: () => Promise<readonly { readonly answer: string; readonly key_hash: string }[]>;
  send(key: string | undefined, more?: { body?: object; bearer?: string; signal?: AbortSignal }): Promise<Response>;
}

async function start(handler: FakeHandler): Promise<Started> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createFakeClock();
  const idempotency = createIdempotency({ store, clock });
  const upstream = await startFakeUpstream(handler);
  const engine = engineAt(upstream.url);
  const principals = { 'sk-test': { tenant: 'red', keyId: 'k1' }, 'sk-blue': { tenant: 'blue', keyId: 'k2' } };
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], idempotency, principals });
  closers.push(
    () => gateway.close(),
    () => engine.close(),
    () => upstream.close(),
    () => idempotency.close(),
    () => store.close(),
  );
  return {
    gateway,
    upstream,
    idempotency,
    clock,
    rows: () => store.db.selectFrom('idempotent_answer').selectAll().execute(),
    send: (key, { body = {}, bearer = 'sk-test', signal } = {}) =>
      gateway.post(
        '/v1/chat/completions',
        { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }], ...body },
        {
          headers: { authorization: `Bearer ${bearer}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
          ...(signal === undefined ? {} : { signal }),
        },
      ),
  };
}

const counting = (): FakeHandler => {
  let count = 0;
  return (request, response) => {
    count += 1;
    if (request.body.includes('"stream":true')) return answerEvents(response, [chunk({ content: `answer ${count}` }), chunk({}, 'stop'), 'data: [DONE]\n\n']);
    return answerJson(response, answer(`answer ${count}`));
  };
};

describe('a request with an idempotency key', () => {
  it('is carried out once; the same request gets the same answer, without a charge', async () => {
    const { send, upstream, gateway } = await start(counting());

    const first = await send('k');
    const text = await first.text();
    const second = await send('k');

    expect(await second.text()).toBe(text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('x-maru-original-request-id')).toBe(first.headers.get('x-request-id'));
    expect(second.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    expect(upstream.seen).toHaveLength(1);
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('gets the whole stream again', async () => {
    const { send, upstream } = await start(counting());

    const first = await (await send('k', { body: { stream: true } })).text();
    const second = await send('k', { body: { stream: true } });

    expect(await second.text()).toBe(first);
    expect(first).toContain('[DONE]');
    expect(second.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(upstream.seen).toHaveLength(1);
  });

  it('waits for the same request that is being carried out', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const { send, upstream } = await start(async (_request, response) => {
      arrived();
      await held;
      answerJson(response, answer('one'));
    });

    const first = send('k');
    await asked;
    const others = [send('k'), send('k')];
    release();
    const texts = await Promise.all([first, ...others].map(async (response) => (await response).text()));

    expect(new Set(texts).size).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it('is refused with another body', async () => {
    const { send, upstream } = await start(counting());
    await (await send('k')).text();

    const other = await send('k', { body: { temperature: 1 } });

    expect(other.status).toBe(409);
    expect(await other.text()).toContain('was used with another request');
    expect(upstream.seen).toHaveLength(1);
  });

  it('belongs to its tenant alone', async () => {
    const { send, upstream } = await start(counting());
    const red = await (await send('k')).text();
    const blue = await (await send('k', { bearer: 'sk-blue' })).text();

    expect(blue).not.toBe(red);
    expect(upstream.seen).toHaveLength(2);
  });

  it('is carried out again when it has failed, and after a day', async () => {
    let fails = true;
    const good = counting();
    const { send, upstream, clock } = await start((request, response) => {
      if (!fails) return good(request, response);
      fails = false;
      return answerJson(response, { error: { message: 'no' } }, 500);
    });

    expect((await send('k')).status).toBe(500);
    expect((await send('k')).status).toBe(200);
    expect((await send('k')).headers.get('idempotency-replayed')).toBe('true');
    await clock.advance(86_400_001);
    expect((await send('k')).headers.has('idempotency-replayed')).toBe(false);
    expect(upstream.seen).toHaveLength(3);
  });

  it('is carried out again when its stream broke', async () => {
    let turn = 0;
    const { send } = await start((_request, response) => {
      turn += 1;
      return answerEvents(response, turn === 1 ? [chunk({ content: 'half' })] : [chunk({ content: 'whole' }), chunk({}, 'stop'), 'data: [DONE]\n\n']);
    });

    expect(await (await send('k', { body: { stream: true } })).text()).toContain('"error"');
    expect(await (await send('k', { body: { stream: true } })).text()).toContain('whole');
  });

  it('is carried out again when the process that had it is gone', async () => {
    const { send, idempotency, clock } = await start(counting());
    const body = Buffer.from(JSON.stringify({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] }));
    await idempotency.enter({ tenant: 'red', key: 'k', requestId: 'dead', path: '/v1/chat/completions', body, signal: new AbortController().signal });
    await idempotency.close();
    await clock.advance(30_001);

    expect((await send('k')).status).toBe(200);
  });

  it('keeps no answer that is too large, and says so', async () => {
    const { send } = await start((_request, response) => answerJson(response, answer('x'.repeat(MAX_KEPT_BYTES))));

    expect((await send('k')).status).toBe(200);
    const second = await send('k');

    expect(second.status).toBe(409);
    expect(await second.text()).toContain('was larger than');
  });

  it('is refused with a key that is none', async () => {
    const { send } = await start(counting());
    expect((await send('has spaces')).status).toBe(400);
    expect((await send('x'.repeat(256))).status).toBe(400);
    expect((await send(undefined)).status).toBe(200);
  });

  it('keeps neither its key nor its answer readable in the database', async () => {
    const { send, rows } = await start((_request, response) => answerJson(response, answer('a secret text')));
    await (await send('my-own-key')).text();

    const kept = JSON.stringify(await rows());
    expect(kept).not.toContain('my-own-key');
    expect(kept).not.toContain('secret text');
    expect(Buffer.from((await rows())[0]?.answer ?? '', 'base64').toString()).not.toContain('secret text');
  });
});
