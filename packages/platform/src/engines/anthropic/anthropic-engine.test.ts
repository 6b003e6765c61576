import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { describeEngine } from '../../../../../test/conformance/engine.ts';
import { answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import { LONG_PROMPT, playCutVendor, playVendor } from '../../../../../test/conformance/fake-vendors.ts';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { createAnthropicEngine } from './anthropic-engine.ts';

const engineFor = (upstream: FakeUpstream): Engine =>
  createAnthropicEngine({
    endpoint: 'claude-0',
    model: 'claude',
    provider: 'anthropic',
    servedName: 'claude-test',
    baseUrl: `${upstream.url}/v1`,
    apiKey: 'sk-ant-test',
    timeoutMs: 5000,
  });

describeEngine('anthropic', async () => {
  const upstream = await startFakeUpstream(playVendor('anthropic-messages'));
  const engine = engineFor(upstream);
  return {
    engine,
    operations: ['chat'],
    longPrompt: LONG_PROMPT,
    close: async () => {
      await engine.close();
      await upstream.close();
    },
  };
});

describe('createAnthropicEngine', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  const start = async (handler: FakeHandler): Promise<{ upstream: FakeUpstream; engine: Engine }> => {
    const upstream = await startFakeUpstream(handler);
    const engine = engineFor(upstream);
    closers.push(
      () => engine.close(),
      () => upstream.close(),
    );
    return { upstream, engine };
  };

  it('sends the very bytes of the request with the headers of Anthropic', async () => {
    const { upstream, engine } = await start(playVendor('anthropic-messages'));
    const body = Buffer.from('{ "messages":[{"role":"user","content":"한국어"}],\t"x": 1.0 }');

    await read(await engine.call(request({ body })));

    expect(upstream.seen[0]?.url).toBe('/v1/messages');
    expect(upstream.seen[0]?.body.equals(body)).toBe(true);
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01' });
    expect(upstream.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('passes the counting of tokens on', async () => {
    const { upstream, engine } = await start((_request, response) => answerJson(response, { input_tokens: 5 }));

    const reply = await engine.pass?.({
      operation: 'count-tokens',
      body: Buffer.from('{}'),
      contentType: 'application/json',
      headers: {},
      signal: new AbortController().signal,
    });

    expect(reply && (await read(reply))).toBe('{"input_tokens":5}');
    expect(upstream.seen[0]?.url).toBe('/v1/messages/count_tokens');
    expect(engine.load().running).toBe(0);
  });

  it.each([400, 429, 529])('returns errors of status %i as they are', async (status) => {
    const { engine } = await start((_request, response) => answerJson(response, { type: 'error', error: { type: 'x', message: 'no' } }, status));

    const reply = await engine.call(request());

    expect(reply.status).toBe(status);
    expect(JSON.parse(await read(reply))).toEqual({ type: 'error', error: { type: 'x', message: 'no' } });
  });

  it('throws when a stream ends before its end', async () => {
    const { engine } = await start(playCutVendor('anthropic-messages', 1));

    const error = await engine
      .call(request({ stream: true }))
      .then(read, (thrown: unknown) => thrown)
      .catch((thrown: unknown) => thrown);

    expect(isPlatformError(error, 'upstream_cut')).toBe(true);
  });
});

function request(more: Partial<EngineRequest> = {}): EngineRequest {
  return {
    operation: 'chat',
    format: 'anthropic-messages',
    body: Buffer.from('{"messages":[]}'),
    stream: false,
    headers: {},
    signal: new AbortController().signal,
    ...more,
  };
}

async function read(reply: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
