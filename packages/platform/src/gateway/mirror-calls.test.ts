import { afterEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const good: FakeHandler = (request, response) =>
  request.body.includes('"stream":true')
    ? answerEvents(response, ['data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n', 'data: [DONE]\n\n'])
    : answerJson(response, {
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 2 },
      });

async function start(shadow: FakeHandler): Promise<{ gateway: TestGateway; upstreams: readonly FakeUpstream[] }> {
  const upstreams = await Promise.all([good, shadow].map((handler) => startFakeUpstream(handler)));
  const engines = upstreams.map((upstream, index) => engineAt(upstream.url, `m${index}-0`));
  const [main, mirror] = engines.map((engine) => attemptOf(engine));
  if (main === undefined || mirror === undefined) throw new TypeError('no engines');
  const gateway = await startTestGateway({ attempts: () => [main], mirror });
  closers.push(() => gateway.close(), ...engines.map((engine) => () => engine.close()), ...upstreams.map((upstream) => () => upstream.close()));
  return { gateway, upstreams };
}

const ask = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };
const mirrorSpan = (gateway: TestGateway) => gateway.log.spans.find((span) => span.attributes?.['mirror'] === true);

describe('a mirror', () => {
  it.each([false, true])('is asked the same, recorded, and never charged (streamed: %s)', async (stream) => {
    const { gateway, upstreams } = await start(good);

    const text = await (await gateway.post('/v1/chat/completions', { ...ask, stream })).text();
    await until(() => mirrorSpan(gateway) !== undefined);

    expect(text).toContain('Hi');
    expect(upstreams[1]?.seen[0]?.body).toEqual(upstreams[0]?.seen[0]?.body);
    expect(mirrorSpan(gateway)).toMatchObject({ name: 'mirror m1-0', status: 'ok', usage: { outputTokens: stream ? 1 : 2 } });
    expect(mirrorSpan(gateway)).not.toHaveProperty('costNanoUsd');
    expect(gateway.log.settled).toMatchObject([{ endpoint: 'm0-0' }]);
    expect(gateway.log.outcomes.map((outcome) => outcome.attempt.engine.endpoint)).toEqual(['m0-0']);
  });

  it('delays nobody when it does not answer, and is ended with the gateway', async () => {
    const { gateway, upstreams } = await start(() => undefined);

    expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200);
    await until(() => upstreams[1]?.seen.length === 1);
    await gateway.gateway.close(0);

    await until(() => upstreams[1]?.aborted() === 1);
  });

  it('tells the client nothing of its failure', async () => {
    const { gateway } = await start((_request, response) => void response.socket?.destroy());

    const response = await gateway.post('/v1/chat/completions', ask);
    await until(() => mirrorSpan(gateway) !== undefined);

    expect(response.status).toBe(200);
    expect(mirrorSpan(gateway)?.status).toBe('error');
    expect(gateway.log.spans.find((span) => span.kind === 'gateway')?.status).toBe('ok');
  });
});

async function until(happened: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000 && !happened(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(happened()).toBe(true);
}
