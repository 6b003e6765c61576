import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, type FakeHandler, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';
import type { LocalReply } from './client-sink.ts';
import type { LocalRequest } from './gateway.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(handler: FakeHandler): Promise<TestGateway> {
  const upstream = await startFakeUpstream(handler);
  const engine = engineAt(upstream.url);
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
  closers.push(
    () => gateway.close(),
    () => engine.close(),
    () => upstream.close(),
  );
  return gateway;
}

const local = (body: object, more: Partial<LocalRequest> = {}): LocalRequest => ({
  operation: 'chat',
  body: Buffer.from(JSON.stringify({ model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }], ...body })),
  principal: { tenant: 'red', keyId: 'key_agent' },
  payee: { agent: 'guide', session: 's1' },
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  signal: new AbortController().signal,
  ...more,
});

async function read(reply: LocalReply): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const token = 'data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\n';
const done = 'data: [DONE]\n\n';

describe('a call from inside the process', () => {
  it('goes the same way, is charged to its payee and stands in its trace', async () => {
    const gateway = await start((_request, response) => answerJson(response, { id: 'x', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }));

    const reply = await gateway.gateway.invoke(local({}));

    expect(reply.status).toBe(200);
    expect(reply.headers['x-maru-cost-usd']).toBe('0.0015');
    expect(JSON.parse(await read(reply))).toMatchObject({ id: 'x' });
    expect(gateway.log.admitted).toMatchObject([{ principal: { tenant: 'red' }, payee: { agent: 'guide', session: 's1' } }]);
    expect(gateway.log.spans.find((span) => span.kind === 'gateway')).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      attributes: { agent: 'guide' },
    });
  });

  it('streams', async () => {
    const gateway = await start((_request, response) => answerEvents(response, [token, token, done]));

    expect(await read(await gateway.gateway.invoke(local({ stream: true })))).toBe(token + token + done);
  });

  it('streams more than its reader has room for', async () => {
    const big = token.replace('Hello', 'x'.repeat(50_000));
    const gateway = await start((_request, response) => answerEvents(response, [...Array.from({ length: 40 }, () => big), done]));

    const text = await read(await gateway.gateway.invoke(local({ stream: true })));

    expect(text.length).toBe(40 * big.length + done.length);
  });

  it('answers errors with a status, as over HTTP', async () => {
    const gateway = await start(() => undefined);

    const reply = await gateway.gateway.invoke(local({ model: 'nothing' }));

    expect(reply.status).toBe(404);
    expect(JSON.parse(await read(reply))).toMatchObject({ error: { code: 'model_not_found' } });
  });

  it('stops the engine when its signal fires', async () => {
    let gone = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (gone = resolve));
    const gateway = await start((_request, response) => {
      response.on('close', gone);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(token);
    });
    const controller = new AbortController();

    const reply = await gateway.gateway.invoke(local({ stream: true }, { signal: controller.signal }));
    controller.abort();
    await stopped;

    expect(await read(reply)).toContain('"code":"cancelled"');
    expect(gateway.log.settled).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('stops the engine when its reader leaves', async () => {
    let gone = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (gone = resolve));
    const gateway = await start((_request, response) => {
      response.on('close', gone);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(token);
    });

    const reply = await gateway.gateway.invoke(local({ stream: true }));
    for await (const _chunk of reply.body) break;

    await stopped;
  });

  it('is refused while the gateway stops', async () => {
    const gateway = await start(() => undefined);
    await gateway.gateway.close(0);

    const error = await gateway.gateway.invoke(local({})).catch((thrown: unknown) => thrown);

    expect(isPlatformError(error, 'shutting_down')).toBe(true);
  });
});
