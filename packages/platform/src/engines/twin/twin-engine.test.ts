import { modelKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds, createSystemClock } from '#time';
import { describeEngine } from '../../../../../test/conformance/engine.ts';
import type { EngineReply } from '../engine.ts';
import { createTwinEngine, type TwinEngine } from './twin-engine.ts';

const model = (twin: object = {}) =>
  modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'sim-8b' },
    spec: { serving: { engine: 'twin', replicas: 3, twin } },
  });

const engineOn = (clock = createFakeClock(), twin: object = {}): TwinEngine =>
  createTwinEngine({ model: model(twin), replica: 0, clock, ids: createSeededIds() });

describeEngine('twin', async () => {
  const engine = createTwinEngine({ model: model({ speed: 200 }), replica: 0, clock: createSystemClock(), ids: createSeededIds() });
  return { engine, operations: ['chat', 'completions'], longPrompt: 'Tell me of the sea. '.repeat(50), close: () => engine.close() };
});

const request = (body: object, signal = new AbortController().signal, operation: 'chat' | 'completions' = 'chat') => ({
  operation,
  body: Buffer.from(JSON.stringify({ model: 'sim-8b', ...body })),
  stream: 'stream' in body && body.stream === true,
  headers: {},
  signal,
});

const user = (content: string) => ({ role: 'user', content });

async function textOf(reply: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

interface Answer {
  choices: { message: { content: string }; text?: string; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } };
  error?: { code: string; message: string };
}

async function ask(engine: TwinEngine, clock: ReturnType<typeof createFakeClock>, body: object): Promise<Answer> {
  const reply = engine.call(request(body));
  await clock.advance(120_000);
  return JSON.parse(await textOf(await reply)) as Answer;
}

describe('twin engine', () => {
  it('takes the timing that the Model gives', () => {
    expect(engineOn(createFakeClock(), { timing: { weightReadMs: 50, kvTokens: 3200 } })).toMatchObject({
      profile: { weightReadMs: 50, status: 'given', prefillTokensPerS: 27_700 },
      maxModelLen: 3200,
    });
  });

  it('says that it is simulated, in the reply, in the text and on its card', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);
    const reply = engine.call(request({ messages: [user('What is a replica?')] }));
    await clock.advance(60_000);

    const answer = await reply;
    const body = JSON.parse(await textOf(answer)) as Answer & { system_fingerprint: string };

    expect(engine.simulated).toBe(true);
    expect(answer.headers['x-maru-simulated']).toBe('true');
    expect(body.system_fingerprint).toBe('maru-twin-h100-llama-3.1-8b');
    expect(body.choices[0]?.message.content).toContain('[simulated] sim-8b');
    expect(body.choices[0]?.message.content).toContain('What is a replica?');
  });

  it('answers in Korean to a Korean question', async () => {
    const clock = createFakeClock();

    const answer = await ask(engineOn(clock), clock, { messages: [user('복제본은 무엇인가요?')] });

    expect(answer.choices[0]?.message.content).toContain('[시뮬레이션]');
  });

  it('gives the same text for the same prompt on every replica', async () => {
    const clock = createFakeClock();
    const body = { messages: [user('Name three rivers.')] };

    const first = await ask(engineOn(clock), clock, body);
    const second = await ask(engineOn(clock), clock, body);

    expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
  });

  it('reports tokens found in the prefix cache when a conversation goes on', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);
    const turns = [{ role: 'system', content: 'You are brief. '.repeat(100) }, user('Hello')];
    const first = await ask(engine, clock, { messages: turns });
    expect(first.usage.prompt_tokens_details.cached_tokens).toBe(0);

    const next = [...turns, { role: 'assistant', content: first.choices[0]?.message.content ?? '' }, user('And now?')];
    const expected = engine.cachedTokensOf('chat', request({ messages: next }).body);
    const second = await ask(engine, clock, { messages: next });

    expect(second.usage.prompt_tokens_details.cached_tokens).toBe(expected);
    expect(expected).toBeGreaterThan(first.usage.prompt_tokens);
    expect(expected % 16).toBe(0);
  });

  it('stops at max_tokens with the reason "length", and fills it exactly when told to ignore the end', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);

    const short = await ask(engine, clock, { messages: [user('Hi')], max_tokens: 5 });
    const long = await ask(engine, clock, { messages: [user('Hi')], max_tokens: 700, ignore_eos: true });

    expect([short.usage.completion_tokens, short.choices[0]?.finish_reason]).toEqual([5, 'length']);
    expect([long.usage.completion_tokens, long.choices[0]?.finish_reason]).toEqual([700, 'length']);
  });

  it('cuts the text before a stop string', async () => {
    const clock = createFakeClock();

    const answer = await ask(engineOn(clock), clock, { messages: [user('Hi')], stop: [' is an engine'] });

    expect(answer.choices[0]).toMatchObject({ message: { content: '[simulated] sim-8b' }, finish_reason: 'stop' });
  });

  it('gives valid JSON where JSON is asked for', async () => {
    const clock = createFakeClock();

    const answer = await ask(engineOn(clock), clock, { messages: [user('Hi')], response_format: { type: 'json_object' } });

    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({ simulated: true });
  });

  it('lets time pass by its profile and its speed', async () => {
    const clock = createFakeClock();
    const slow = engineOn(clock);
    const fast = engineOn(clock, { speed: 10 });
    const times: Record<string, number> = {};
    const body = { messages: [user('Hi')], max_tokens: 100, ignore_eos: true };
    const calls = [slow, fast].map(async (engine, index) => {
      await engine.call(request(body));
      times[index] = clock.monotonicMs();
    });

    await clock.advance(10_000);
    await Promise.all(calls);

    // 8 ms of request overhead and 100 steps of about 7 ms.
    expect(times[0]).toBeGreaterThan(700);
    expect(times[0]).toBeLessThan(715);
    expect(times[1]).toBeGreaterThan(70);
    expect(times[1]).toBeLessThan(72);
  });

  it('frees its memory at once when a request is aborted', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);
    const controller = new AbortController();
    const call = engine.call(request({ messages: [user('Hi')], max_tokens: 5000, ignore_eos: true }, controller.signal));
    await clock.advance(500);
    expect(engine.load().kvUse).toBeGreaterThan(0);

    controller.abort();

    expect(engine.load()).toMatchObject({ running: 0, waiting: 0, kvUse: 0 });
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('fails what is in progress when it is closed, and refuses what comes after', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);
    const call = engine.call(request({ messages: [user('Hi')] }));
    await clock.advance(20);

    await engine.close();

    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await expect(engine.call(request({ messages: [user('Hi')] }))).rejects.toMatchObject({ code: 'upstream_unreachable' });
    expect(clock.pending()).toBe(0);
  });

  it.each([
    ['broken JSON', Buffer.from('{"messages": ['), 'invalid_json'],
    ['no messages', Buffer.from('{}'), 'invalid_request'],
    ['a message without a role', Buffer.from('{"messages":[{"content":"x"}]}'), 'invalid_request'],
    ['two answers', Buffer.from('{"messages":[{"role":"user","content":"x"}],"n":2}'), 'not_supported'],
    ['a negative limit', Buffer.from('{"messages":[{"role":"user","content":"x"}],"max_tokens":-1}'), 'invalid_request'],
    ['a prompt over the context', Buffer.from(JSON.stringify({ messages: [user('x'.repeat(600_000))] })), 'context_length_exceeded'],
    ['an answer over the context', Buffer.from(JSON.stringify({ messages: [user('x')], max_tokens: 200_000 })), 'context_length_exceeded'],
  ])('answers %s with status 400 and says why', async (_name, body, code) => {
    const reply = await engineOn().call({ operation: 'chat', body, stream: false, headers: {}, signal: new AbortController().signal });

    expect(reply.status).toBe(400);
    expect((JSON.parse(await textOf(reply)) as Answer).error?.code).toBe(code);
  });

  it('refuses a profile that does not exist and names those that do', () => {
    expect(() => engineOn(createFakeClock(), { profile: 'b900-gpt-9' })).toThrow(/h100-llama-3.1-8b/);
  });

  it('shows metrics under the names of vLLM', async () => {
    const clock = createFakeClock();
    const engine = engineOn(clock);
    await ask(engine, clock, { messages: [user('Hi')], max_tokens: 20, ignore_eos: true });

    const text = engine.metrics();

    expect(text).toContain('vllm:num_requests_running{model_name="sim-8b",engine="0"} 0');
    expect(text).toContain('vllm:request_success_total{model_name="sim-8b",engine="0",finished_reason="length"} 1');
    expect(text).toContain('vllm:time_to_first_token_seconds_count{model_name="sim-8b",engine="0"} 1');
    expect(text).toContain('vllm:inter_token_latency_seconds_count{model_name="sim-8b",engine="0"} 19');
    expect(text).toContain('vllm:generation_tokens_total{model_name="sim-8b",engine="0"} 20');
    expect(text).toMatch(/vllm:cache_config_info\{[^}]*block_size="16",num_gpu_blocks="26687"\} 1/);
  });
});
