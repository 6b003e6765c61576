import { type AddressInfo, connect, createServer } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, type TestGateway, type TestPortsOptions } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const role = chunk({ role: 'assistant', content: '' });
const token = chunk({ content: 'Hello' });
const stop = chunk({}, 'stop');
const done = 'data: [DONE]\n\n';
const usage = `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } })}\n\n`;
const good: FakeHandler = (request, response) =>
  request.body.includes('"stream":true')
    ? answerEvents(response, [role, token, stop, usage, done])
    : answerJson(response, {
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
      });
const status =
  (code: number, headers: Record<string, string> = {}): FakeHandler =>
  (_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: `upstream says ${code}`, type: 'x', code: null } }));
  };

interface Started {
  readonly gateway: TestGateway;
  readonly upstreams: readonly FakeUpstream[];
}

/** A gateway whose plan tries these upstreams in order. */
async function start(
  handlers: readonly FakeHandler[],
  more: Partial<TestPortsOptions> & { maxBodyBytes?: number; timeoutMs?: number; clock?: ReturnType<typeof createFakeClock> } = {},
): Promise<Started> {
  const upstreams = await Promise.all(handlers.map((handler) => startFakeUpstream(handler)));
  const engines = upstreams.map((upstream, index) => engineAt(upstream.url, `m${index}-0`));
  const { timeoutMs } = more;
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine, timeoutMs === undefined ? {} : { timeoutMs })), ...more });
  closers.push(() => gateway.close(), ...engines.map((engine) => () => engine.close()), ...upstreams.map((upstream) => () => upstream.close()));
  return { gateway, upstreams };
}

const plain = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };
const streamed = { ...plain, stream: true };
const errorOf = async (response: Response): Promise<{ code: string; message: string; param?: string }> =>
  ((await response.json()) as { error: { code: string; message: string } }).error;

describe('a fault before the first visible token', () => {
  const reset: FakeHandler = (_request, response) => void response.socket?.destroy();
  const html: FakeHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html></html>');
  };
  const brokenJson: FakeHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":"x","choices":[');
  };
  const cutBefore: FakeHandler = (request, response) =>
    request.body.includes('"stream":true') ? answerEvents(response, [role]) : brokenJson(request, response);
  const errorEvent: FakeHandler = (_request, response) => answerEvents(response, [role, 'data: {"error":{"message":"out of memory","code":500}}\n\n']);
  const badEvent: FakeHandler = (_request, response) => answerEvents(response, ['data: {nonsense\n\n']);

  const faults: readonly [string, FakeHandler, boolean][] = [
    ['a reset connection', reset, false],
    ['a reset connection, streamed', reset, true],
    ['status 500', status(500), false],
    ['status 503, streamed', status(503), true],
    ['status 429', status(429, { 'retry-after': '9' }), false],
    ['status 401', status(401), false],
    ['a page instead of JSON', html, false],
    ['a page instead of a stream', html, true],
    ['half a JSON object', brokenJson, false],
    ['a stream that is cut after its role chunk', cutBefore, true],
    ['an error event', errorEvent, true],
    ['an event that is not JSON', badEvent, true],
  ];

  it.each(faults)('is answered by the next engine: %s', async (_name, fault, stream) => {
    const { gateway, upstreams } = await start([fault, good]);

    const response = await gateway.post('/v1/chat/completions', stream ? streamed : plain);

    expect(response.status).toBe(200);
    expect(response.headers.get('x-maru-endpoint')).toBe('m1-0');
    const text = await response.text();
    expect(text).toBe(stream ? role + token + stop + done : text);
    expect(text).toContain('Hello');
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.settled[0]).toMatchObject({ endpoint: 'm1-0', usage: { inputTokens: 5, outputTokens: 2 }, outcome: 'ok' });
    expect(gateway.log.released).toBe(0);
    expect(upstreams.map((upstream) => upstream.seen.length)).toEqual([1, 1]);
    expect(gateway.log.outcomes.map((outcome) => outcome.outcome)).toEqual(['error', 'ok']);
    expect(gateway.log.spans.filter((span) => span.kind === 'engine').map((span) => span.status)).toEqual(['error', 'ok']);
  });

  it('tells the plan what went wrong', async () => {
    const { gateway } = await start([status(503, { 'retry-after': '9' }), good]);

    await gateway.post('/v1/chat/completions', plain);

    expect(gateway.log.failures[0]).toBeUndefined();
    expect(gateway.log.failures[1]).toMatchObject({ status: 503, error: { code: 'upstream_rejected', retryAfterS: 9 }, attempt: { model: 'm0' } });
  });

  it.each([
    ['a reset connection', reset, 502, 'upstream_unreachable'],
    ['a page instead of JSON', html, 502, 'upstream_garbage'],
    ['half a JSON object', brokenJson, 502, 'upstream_garbage'],
    ['wrong credentials', status(401), 502, 'upstream_credentials'],
  ])('is told, and not charged, when no engine is left: %s', async (_name, fault, code, error) => {
    const { gateway } = await start([fault]);

    const response = await gateway.post('/v1/chat/completions', plain);

    expect(response.status).toBe(code);
    expect((await errorOf(response)).code).toBe(error);
    expect(response.headers.get('x-request-id')).toBe('req_000001');
    expect(gateway.log.settled).toEqual([]);
    expect(gateway.log.released).toBe(1);
    expect(gateway.log.spans.find((span) => span.kind === 'gateway')).toMatchObject({ status: 'error', attributes: { errorCode: error } });
  });

  it('says that nobody listens', async () => {
    const { gateway, upstreams } = await start([good]);
    await upstreams[0]?.close();

    const response = await gateway.post('/v1/chat/completions', streamed);

    expect((await errorOf(response)).code).toBe('upstream_unreachable');
    expect(gateway.log.released).toBe(1);
  });

  it.each([429, 500, 503])('passes the last upstream answer of status %i on as it is', async (code) => {
    const { gateway } = await start([status(500), status(code, { 'retry-after': '9' })]);

    const response = await gateway.post('/v1/chat/completions', plain);

    expect(response.status).toBe(code);
    expect(response.headers.get('retry-after')).toBe('9');
    expect(await response.text()).toContain(`upstream says ${code}`);
    expect(gateway.log.settled).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it.each([400, 413, 422])('does not ask another engine when the request itself is refused with %i', async (code) => {
    const { gateway, upstreams } = await start([status(code), good]);

    const response = await gateway.post('/v1/chat/completions', streamed);

    expect(response.status).toBe(code);
    expect(upstreams[1]?.seen).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it('gives up an engine that does not answer in time and asks the next one', async () => {
    const clock = createFakeClock();
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const { gateway, upstreams } = await start([() => arrived(), good], { clock, timeoutMs: 5000 });

    const answer = gateway.post('/v1/chat/completions', plain);
    await asked;
    await clock.advance(5001);
    const response = await answer;

    expect(response.status).toBe(200);
    expect(response.headers.get('x-maru-endpoint')).toBe('m1-0');
    expect(upstreams[0]?.aborted()).toBe(1);
  });

  it('does not ask another engine once the deadline has passed', async () => {
    const clock = createFakeClock();
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    const { gateway, upstreams } = await start([() => arrived(), good], { clock, deadlineMs: 1000 });

    const answer = gateway.post('/v1/chat/completions', plain);
    await asked;
    await clock.advance(1001);
    const response = await answer;

    expect(response.status).toBe(504);
    expect((await errorOf(response)).code).toBe('upstream_timeout');
    expect(upstreams[1]?.seen).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it('says that there is no replica when the plan knows no way', async () => {
    const { gateway } = await start([], {});

    const response = await gateway.post('/v1/chat/completions', plain);

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await errorOf(response)).code).toBe('no_endpoint');
    expect(gateway.log.released).toBe(1);
  });
});

describe('a fault after the first visible token', () => {
  const faults: readonly [string, FakeHandler, string][] = [
    ['the connection is cut', (_request, response) => void answerEvents(response, [role, token]).then(() => undefined), 'upstream_cut'],
    [
      'the connection is reset',
      async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(role + token);
        await new Promise((resolve) => setImmediate(resolve));
        response.socket?.destroy();
      },
      'upstream_cut',
    ],
    ['an event is cut in its middle', (_request, response) => answerEvents(response, [role, token, token.slice(0, 40)]), 'upstream_cut'],
    ['the engine reports an error', (_request, response) => answerEvents(response, [role, token, 'data: {"error":{"message":"boom"}}\n\n']), 'upstream_cut'],
  ];

  it.each(faults)('is told as an error event without [DONE], and charged once: %s', async (_name, fault, code) => {
    const { gateway, upstreams } = await start([fault, good]);

    const text = await (await gateway.post('/v1/chat/completions', streamed)).text();

    expect(text.startsWith(role + token)).toBe(true);
    const last = text.slice((role + token).length);
    expect(last).toMatch(/^data: \{"error".*\}\n\n$/);
    expect(JSON.parse(last.slice(6))).toMatchObject({ error: { code } });
    expect(text).not.toContain('[DONE]');
    expect(upstreams[1]?.seen).toEqual([]);
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.settled[0]).toMatchObject({ outcome: 'error', estimated: true, usage: { outputTokens: 1 } });
    expect(gateway.log.released).toBe(0);
  });

  it('is told when the engine falls silent', async () => {
    const clock = createFakeClock();
    const { gateway } = await start(
      [
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(role + token);
        },
      ],
      { clock, timeoutMs: 5000 },
    );

    const response = await gateway.post('/v1/chat/completions', streamed);
    await clock.advance(5001);

    expect(await response.text()).toContain('upstream_timeout');
    expect(gateway.log.settled).toMatchObject([{ outcome: 'error' }]);
  });
});

describe('a client that goes away', () => {
  it('stops the engine and is not charged while nothing was made', async () => {
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    let gone = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (gone = resolve));
    const { gateway, upstreams } = await start([
      (_request, response) => {
        response.on('close', gone);
        arrived();
      },
      good,
    ]);
    const controller = new AbortController();

    const answer = gateway.post('/v1/chat/completions', plain, { signal: controller.signal }).catch(() => undefined);
    await asked;
    controller.abort();
    await answer;
    await stopped;
    await until(() => gateway.log.spans.some((span) => span.kind === 'gateway'));

    expect(gateway.log.released).toBe(1);
    expect(gateway.log.settled).toEqual([]);
    expect(upstreams[1]?.seen).toEqual([]);
    expect(gateway.gateway.active()).toBe(0);
  });

  it('stops a stream and is charged once for what was made', async () => {
    let gone = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (gone = resolve));
    const { gateway } = await start([
      (_request, response) => {
        response.on('close', gone);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(role + token + token);
      },
      good,
    ]);
    const controller = new AbortController();

    const response = await gateway.post('/v1/chat/completions', streamed, { signal: controller.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    await stopped;
    await until(() => gateway.log.settled.length > 0);

    expect(gateway.log.settled).toMatchObject([{ outcome: 'cancelled', estimated: true, usage: { outputTokens: 2 } }]);
    expect(gateway.log.released).toBe(0);
    expect(gateway.log.outcomes).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('stops a stream although it never reads', async () => {
    let gone = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (gone = resolve));
    const big = chunk({ content: 'x'.repeat(64 * 1024) });
    const { gateway } = await start([
      async (_request, response) => {
        response.on('close', gone);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        // Written until both sockets and every buffer in between are full.
        while (!response.destroyed && response.write(big)) await new Promise((resolve) => setImmediate(resolve));
      },
    ]);
    const body = JSON.stringify(streamed);
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    socket.pause();
    await until(() => gateway.gateway.active() === 1);

    socket.destroy();
    await stopped;
    await until(() => gateway.gateway.active() === 0);

    expect(gateway.log.settled.length + gateway.log.released).toBe(1);
  });

  it('is forgotten when it goes while it still sends its body', async () => {
    const { gateway } = await start([good]);
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\ncontent-length: 1000\r\n\r\n{"model":');
    await until(() => gateway.gateway.active() === 1);

    socket.destroy();
    await until(() => gateway.gateway.active() === 0);

    expect(gateway.log.admitted).toEqual([]);
  });
});

describe('a charge that can not be written', () => {
  const settle = (): never => {
    throw new PlatformError('storage_full', { message: 'there is no space left' });
  };

  it('leaves the client without the answer', async () => {
    const { gateway } = await start([good], { settle });

    const response = await gateway.post('/v1/chat/completions', plain);

    expect(response.status).toBe(507);
    expect(await response.text()).not.toContain('Hello');
    expect(gateway.log.released).toBe(1);
  });

  it('leaves a stream without its [DONE]', async () => {
    const { gateway } = await start([good], { settle });

    const text = await (await gateway.post('/v1/chat/completions', streamed)).text();

    expect(text).toContain('storage_full');
    expect(text).not.toContain('[DONE]');
  });
});

describe('a gateway that stops', () => {
  it('finishes its streams and refuses new requests', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { gateway } = await start([
      async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(role + token);
        await held;
        response.end(stop + done);
      },
    ]);
    const running = await gateway.post('/v1/chat/completions', streamed);

    const closed = gateway.gateway.close(30_000);
    const refused = await gateway.post('/v1/chat/completions', plain);
    release();
    await closed;

    expect((await errorOf(refused)).code).toBe('shutting_down');
    expect(await running.text()).toBe(role + token + stop + done);
  });

  it('ends what is left after its grace, and says so', async () => {
    const clock = createFakeClock();
    const { gateway } = await start(
      [
        (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(role + token);
        },
      ],
      { clock },
    );
    const running = await gateway.post('/v1/chat/completions', streamed);

    const closed = gateway.gateway.close(30_000);
    await clock.advance(30_001);
    await closed;

    expect(await running.text()).toContain('shutting_down');
    expect(gateway.log.settled).toMatchObject([{ outcome: 'error' }]);
  });
});

describe('an upstream that speaks no HTTP', () => {
  it('is told apart from one that is down', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('220 smtp ready\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const engine = engineAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
    closers.push(
      () => gateway.close(),
      () => engine.close(),
      () => new Promise((resolve) => server.close(() => resolve())),
    );

    expect((await errorOf(await gateway.post('/v1/chat/completions', plain))).code).toBe('upstream_garbage');
  });
});

/** Waits until the other side of a socket has taken notice. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !condition(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}
