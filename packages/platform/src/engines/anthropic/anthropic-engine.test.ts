import { readFileSync } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import { type ChatChunk, chatCompletionSchema, fromWireUsage } from '@maru/api/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { describeEngine } from '../../../../../test/conformance/engine.ts';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { createAnthropicEngine } from './anthropic-engine.ts';

const fixture = (name: string): string => readFileSync(new URL(`./__fixtures__/${name}`, import.meta.url), 'utf8');
const events = (name: string): string[] => fixture(name).match(/[\s\S]*?\n\n/g) ?? [];

const playFixtures: FakeHandler = async (request, response) => {
  const body = JSON.parse(request.body.toString('utf8')) as { stream?: boolean; messages: { content: { text?: string }[] }[] };
  if (body.stream !== true) answerJson(response, JSON.parse(fixture('message.json')));
  else if (body.messages[0]?.content[0]?.text === 'long') {
    const all = events('stream.sse');
    await answerEvents(response, [...all.slice(0, 3), ...Array.from({ length: 400 }, () => all[3] ?? ''), ...all.slice(3)]);
  } else await answerEvents(response, events('stream.sse'));
};

const engineFor = (upstream: FakeUpstream): Engine =>
  createAnthropicEngine({
    endpoint: 'claude-0',
    model: 'claude',
    servedName: 'claude-test',
    baseUrl: `${upstream.url}/v1`,
    apiKey: 'sk-ant-test',
    timeoutMs: 5000,
    clock: createFakeClock(),
  });

describeEngine('anthropic', async () => {
  const upstream = await startFakeUpstream(playFixtures);
  const engine = engineFor(upstream);
  return {
    engine,
    operations: ['chat'],
    longPrompt: 'long',
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

  it('asks with the headers of Anthropic', async () => {
    const { upstream, engine } = await start(playFixtures);

    await read(await engine.call(request({ messages: [{ role: 'user', content: 'Hi' }] })));

    expect(upstream.seen[0]?.url).toBe('/v1/messages');
    expect(upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01' });
    expect(upstream.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('counts cached tokens as parts of the prompt', async () => {
    const { engine } = await start(playFixtures);

    const answer = chatCompletionSchema.parse(JSON.parse(await read(await engine.call(request({ messages: [{ role: 'user', content: 'Hi' }] })))));

    expect(answer.usage).toEqual({
      prompt_tokens: 142,
      completion_tokens: 7,
      total_tokens: 149,
      prompt_tokens_details: { cached_tokens: 100, cache_creation_tokens: 30 },
    });
    expect(fromWireUsage(answer.usage ?? {})).toEqual({ inputTokens: 12, cacheReadTokens: 100, cacheWriteTokens: 30, outputTokens: 7, reasoningTokens: 0 });
  });

  it('translates tool calls and thinking of a whole answer', async () => {
    const { engine } = await start((_request, response) => answerJson(response, JSON.parse(fixture('tool-message.json'))));

    const answer = chatCompletionSchema.parse(JSON.parse(await read(await engine.call(request({ messages: [{ role: 'user', content: 'Weather?' }] })))));

    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me look.',
        reasoning_content: 'The user wants weather.',
        tool_calls: [{ id: 'toolu_01', type: 'function', function: { name: 'weather', arguments: '{"city":"서울"}' } }],
      },
    });
  });

  it('translates streamed tool calls, each with an index of its own', async () => {
    const { engine } = await start((_request, response) => answerEvents(response, events('tool-stream.sse')));

    const chunks = await readChunks(await engine.call(request({ messages: [{ role: 'user', content: 'x' }], stream: true }, true)));

    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    const first = deltas.filter((delta) => delta.index === 0);
    expect(first[0]).toMatchObject({ id: 'toolu_01', type: 'function', function: { name: 'weather' } });
    expect(first.map((delta) => delta.function?.arguments).join('')).toBe('{"city": "Seoul"}');
    expect(
      deltas
        .filter((delta) => delta.index === 1)
        .map((delta) => delta.function?.arguments)
        .join(''),
    ).toBe('{}');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('sends the usage chunk only when it was asked for', async () => {
    const { engine } = await start(playFixtures);

    const without = await readChunks(await engine.call(request({ messages: [{ role: 'user', content: 'x' }], stream: true }, true)));
    const withUsage = await readChunks(
      await engine.call(request({ messages: [{ role: 'user', content: 'x' }], stream: true, stream_options: { include_usage: true } }, true)),
    );

    expect(without.some((chunk) => chunk.usage != null)).toBe(false);
    expect(withUsage.at(-1)?.usage).toMatchObject({ prompt_tokens: 112, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 100 } });
  });

  it.each([
    [400, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [529, 'overloaded_error'],
  ])('gives an error of status %i the form of OpenAI', async (status, type) => {
    const { engine } = await start((_request, response) => answerJson(response, { type: 'error', error: { type, message: 'no' } }, status));

    const reply = await engine.call(request({ messages: [{ role: 'user', content: 'x' }] }));

    expect(reply.status).toBe(status);
    expect(JSON.parse(await read(reply))).toEqual({ error: { message: 'no', type, code: type, param: null } });
  });

  it('throws when a stream reports an error', async () => {
    const broken = [...events('stream.sse').slice(0, 4), 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'];
    const { engine } = await start((_request, response) => answerEvents(response, broken));

    const error = await failure(engine.call(request({ messages: [{ role: 'user', content: 'x' }], stream: true }, true)).then(read));

    expect(isPlatformError(error, 'upstream_cut')).toBe(true);
    expect(String(error)).toContain('Overloaded');
  });

  it('throws when a stream ends before its end', async () => {
    const { engine } = await start((_request, response) => answerEvents(response, events('stream.sse').slice(0, -1)));

    const error = await failure(engine.call(request({ messages: [{ role: 'user', content: 'x' }], stream: true }, true)).then(read));

    expect(isPlatformError(error, 'upstream_cut')).toBe(true);
  });

  it.each([
    ['an answer of another kind', { hello: 'world' }],
    ['a list', []],
  ])('calls %s garbage', async (_name, body) => {
    const { engine } = await start((_request, response) => answerJson(response, body));

    const error = await failure(engine.call(request({ messages: [{ role: 'user', content: 'x' }] })).then(read));

    expect(isPlatformError(error, 'upstream_garbage')).toBe(true);
  });

  it('answers what it can not translate with status 400 and does not call', async () => {
    const { engine, upstream } = await start(playFixtures);

    const reply = await engine.call(request({ messages: [{ role: 'user', content: 'x' }], response_format: { type: 'json_schema' } }));

    expect(reply.status).toBe(400);
    expect(JSON.parse(await read(reply))).toMatchObject({ error: { code: 'not_supported', param: 'response_format' } });
    expect(upstream.seen).toHaveLength(0);
  });
});

function request(body: object, stream = false): EngineRequest {
  return {
    operation: 'chat',
    body: Buffer.from(JSON.stringify({ model: 'claude-test', ...body })),
    stream,
    headers: {},
    signal: new AbortController().signal,
  };
}

async function read(reply: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const readChunks = async (reply: EngineReply): Promise<ChatChunk[]> =>
  (await read(reply))
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as ChatChunk);

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'succeeded',
    (error: unknown) => error,
  );
