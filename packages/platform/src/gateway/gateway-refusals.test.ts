import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { createFakeClock } from '#time';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, entryOf, startTestGateway, type TestGateway, type TestPortsOptions } from './__fixtures__/test-gateway.ts';

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
const errorOf = async (response: Response): Promise<{ code: string; message: string; param?: string }> =>
  ((await response.json()) as { error: { code: string; message: string } }).error;

describe('a request that is refused', () => {
  const cases: readonly [string, { body?: unknown; headers?: Record<string, string> }, number, string][] = [
    ['a wrong key', { headers: { authorization: 'Bearer sk-wrong' } }, 401, 'unauthenticated'],
    ['a revoked key', { headers: { authorization: 'Bearer sk-revoked' } }, 401, 'key_revoked'],
    ['no key', { headers: { authorization: '' } }, 401, 'unauthenticated'],
    ['another scheme', { headers: { authorization: 'Basic c2s=' } }, 401, 'unauthenticated'],
    ['invalid JSON', { body: '{"model": "sim-8b", ' }, 400, 'invalid_json'],
    ['no JSON at all', { body: 'hello' }, 400, 'invalid_json'],
    ['an empty body', { body: '' }, 400, 'invalid_json'],
    ['a list', { body: '[]' }, 400, 'invalid_json'],
    ['no model', { body: { messages: [] } }, 400, 'invalid_request'],
    ['a model that is a number', { body: { model: 4, messages: [] } }, 400, 'invalid_request'],
    ['two models', { body: '{"model":"sim-8b","messages":[],"mod\\u0065l":"auto"}' }, 400, 'invalid_request'],
    ['no messages', { body: { model: 'sim-8b' } }, 400, 'invalid_request'],
    ['messages that are a text', { body: { model: 'sim-8b', messages: 'hi' } }, 400, 'invalid_request'],
    ['stream that is a text', { body: { ...plain, stream: 'yes' } }, 400, 'invalid_request'],
    ['an unknown model', { body: { ...plain, model: 'sim-8c' } }, 404, 'model_not_found'],
    ['a body over the limit', { body: { ...plain, filler: 'x'.repeat(5000) } }, 413, 'body_too_large'],
    ['another type', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['another encoding', { headers: { 'content-encoding': 'zstd' } }, 415, 'unsupported_media_type'],
    ['a bound of time that is no number', { headers: { 'x-slo-ttft-ms': 'soon' } }, 400, 'invalid_request'],
    ['two bounds for one thing', { headers: { 'x-slo-itl-ms': '5', 'x-slo-tpot-ms': '6' } }, 400, 'invalid_request'],
    ['a priority that is none', { headers: { 'x-maru-priority': 'high' } }, 400, 'invalid_request'],
    ['a broken gzip', { headers: { 'content-encoding': 'gzip' } }, 400, 'invalid_request'],
  ];

  it.each(cases)('is told so, and costs nothing: %s', async (_name, { body, headers }, code, error) => {
    const { gateway, upstreams } = await start([good], { maxBodyBytes: 4096 });

    const response = await gateway.post('/v1/chat/completions', body ?? plain, { headers: headers ?? {} });

    expect(response.status).toBe(code);
    expect((await errorOf(response)).code).toBe(error);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(upstreams[0]?.seen).toEqual([]);
    expect(gateway.log.admitted).toEqual([]);
  });

  it('can read why, although its body was far too large', async () => {
    const { gateway } = await start([good], { maxBodyBytes: 4096 });

    const response = await gateway.post('/v1/chat/completions', { ...plain, filler: 'x'.repeat(20_000_000) });

    expect((await errorOf(response)).code).toBe('body_too_large');
  });

  it('names the models that are near', async () => {
    const { gateway } = await start([good]);

    const response = await gateway.post('/v1/chat/completions', { ...plain, model: 'sim-8c' });

    expect((await errorOf(response)).message).toContain('did you mean "sim-8b"?');
  });

  it('keeps the text of a prompt out of the message about broken JSON', async () => {
    const { gateway } = await start([good]);

    const response = await gateway.post('/v1/chat/completions', '{"model":"sim-8b","messages":[{"content":"my secret" oops}]}');

    expect((await errorOf(response)).message).not.toContain('secret');
  });

  it('is told which models the key allows', async () => {
    const { gateway } = await start([good], { principals: { 'sk-test': { tenant: 't', keyId: 'k', allows: (name) => name === 'auto' } } });

    const refused = await gateway.post('/v1/chat/completions', plain);
    const list = (await (await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': 'sk-test' } })).json()) as { data: { id: string }[] };

    expect(refused.status).toBe(403);
    expect((await errorOf(refused)).code).toBe('model_not_allowed');
    expect(list.data.map((model) => model.id)).toEqual(['auto']);
  });

  it.each([
    ['rate_limited' as const, 7.2, '8', 429],
    ['quota_exceeded' as const, 3600, '3600', 402],
  ])('is told when to come back: %s', async (code, retryAfterS, header, status) => {
    const { gateway, upstreams } = await start([good], {
      admit: () => {
        throw new PlatformError(code, { message: 'too much', retryAfterS });
      },
    });

    const response = await gateway.post('/v1/chat/completions', plain);

    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(header);
    expect(upstreams[0]?.seen).toEqual([]);
    expect(gateway.log.released).toBe(0);
  });

  it('gets the headers of its limits', async () => {
    const { gateway } = await start([good], { admit: () => ({ headers: { 'x-ratelimit-remaining-requests': '41' } }) });

    expect((await gateway.post('/v1/chat/completions', plain)).headers.get('x-ratelimit-remaining-requests')).toBe('41');
  });

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['images', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }] }],
  ])('is told what the model can not do: %s', async (_name, more) => {
    const { gateway, upstreams } = await start([good], { entries: [entryOf('sim-8b', { capabilities: ['chat'] })] });

    const response = await gateway.post('/v1/chat/completions', { ...plain, ...more });

    expect((await errorOf(response)).code).toBe('not_supported');
    expect(upstreams[0]?.seen).toEqual([]);
  });

  it('is told that the answer can not fit', async () => {
    const { gateway } = await start([good], { entries: [entryOf('sim-8b', { contextWindow: 1000 })] });

    expect((await errorOf(await gateway.post('/v1/chat/completions', { ...plain, max_tokens: 2000 }))).code).toBe('context_length_exceeded');
  });

  it.each([
    ['GET', '/v1/chat/completions', 405, 'POST'],
    ['POST', '/v1/models', 405, 'GET'],
    ['POST', '/v1/images', 404, null],
    ['GET', '/v1/models/nothing', 404, null],
  ])('is told about %s %s', async (method, path, code, allow) => {
    const { gateway } = await start([good]);

    const response = await fetch(gateway.url + path, { method, headers: { authorization: 'Bearer sk-test' } });

    expect(response.status).toBe(code);
    expect(response.headers.get('allow')).toBe(allow);
  });
});
