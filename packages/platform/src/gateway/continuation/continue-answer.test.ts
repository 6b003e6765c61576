import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiCompatibleEngine, type Engine, type OpenAiCompatibleOptions } from '#engines';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../../test/conformance/fake-upstream.ts';
import { attemptOf, startTestGateway, type TestGateway, type TestPortsOptions } from '../__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const event = (value: object): string => `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', ...value })}\n\n`;
const delta = (value: object, finish: string | null = null): string => event({ choices: [{ index: 0, delta: value, finish_reason: finish }] });
const text = (content: string): string => delta({ content });
const usage = (prompt: number, completion: number): string =>
  event({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } });
const role = delta({ role: 'assistant', content: '' });
const stop = delta({}, 'stop');
const done = 'data: [DONE]\n\n';

/** Says these events and breaks off. */
const cut =
  (...events: readonly string[]): FakeHandler =>
  async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const each of events) {
      response.write(each);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What was written is read before the break.
    await new Promise((resolve) => response.write('', resolve));
    setImmediate(() => response.socket?.destroy());
  };
const says =
  (...events: readonly string[]): FakeHandler =>
  (_request, response) =>
    answerEvents(response, events);

type Going = OpenAiCompatibleOptions['continuation'];
const PREFILL: Going = { how: 'prefill', trims: false, echoes: false };

interface Started {
  readonly gateway: TestGateway;
  readonly upstreams: readonly FakeUpstream[];
}

/** A gateway over engines that answer like this, each going on in its own way or not at all. */
async function start(
  sides: readonly (readonly [FakeHandler, Going?])[],
  more: Partial<TestPortsOptions> & { captureContent?: boolean } = {},
): Promise<Started> {
  const upstreams = await Promise.all(sides.map(([handler]) => startFakeUpstream(handler)));
  const engines: readonly Engine[] = upstreams.map(({ url }, index) =>
    createOpenAiCompatibleEngine({
      endpoint: `m${index}-0`,
      model: `m${index}`,
      provider: 'openai-compatible',
      servedName: `served-${index}`,
      baseUrl: `${url}/v1`,
      timeoutMs: 10_000,
      continuation: sides[index]?.[1],
    }),
  );
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)), continuation: { attempts: 2 }, ...more });
  closers.push(() => gateway.close(), ...engines.map((engine) => () => engine.close()), ...upstreams.map((upstream) => () => upstream.close()));
  return { gateway, upstreams };
}

const request = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 50, stream: true, stream_options: { include_usage: true } };
const ask = async ({ gateway }: Started, more: object = {}): Promise<string> => (await gateway.post('/v1/chat/completions', { ...request, ...more })).text();
type Json = Record<string, unknown>;
const eventsOf = (stream: string): readonly Json[] => [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, json = '{}']) => JSON.parse(json) as Json);
const saidIn = (stream: string): string =>
  eventsOf(stream)
    .map((each) => (each['choices'] as { delta?: { content?: string } }[] | undefined)?.[0]?.delta?.content ?? '')
    .join('');
const sentTo = (upstream: FakeUpstream | undefined, turn = 0): Json => JSON.parse(String(upstream?.seen[turn]?.body)) as Json;
const isComplete = (stream: string): boolean => stream.includes('[DONE]');
const goesOn = says(role, text(', you'), stop, usage(9, 3), done);

describe('an answer that broke off', () => {
  it('is continued as one answer: one id, one beginning, one end, the tokens of both', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]]);

    const stream = await ask(started);

    const events = eventsOf(stream);
    expect(saidIn(stream)).toBe('Hello, you');
    expect(new Set(events.map((each) => each['id'])).size).toBe(1);
    expect(stream.match(/"role":"assistant"/g)).toHaveLength(1);
    expect(stream.match(/\[DONE\]/g)).toHaveLength(1);
    expect(stream).toContain(': continued by m1 at m1-0\n\n');
    expect(sentTo(started.upstreams[1])).toMatchObject({
      model: 'served-1',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
      ],
    });
    const [first, second] = started.gateway.log.settled;
    const total = (first?.usage.inputTokens ?? 0) + (second?.usage.inputTokens ?? 0);
    expect(events.at(-1)?.['usage']).toMatchObject({ prompt_tokens: total });
  });

  it('is charged to each engine for its own tokens, each under a reservation of its own', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]]);

    await ask(started);

    const { settled, admitted, released } = started.gateway.log;
    expect(admitted).toHaveLength(2);
    expect(released).toBe(0);
    expect(settled).toMatchObject([
      { model: 'm0', outcome: 'error', estimated: true },
      { model: 'm1', outcome: 'ok', estimated: false, usage: { inputTokens: 9, outputTokens: 3 } },
    ]);
  });

  it('stands in the trace with both engines, and says so', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]], { captureContent: true });

    await ask(started);

    const { spans, outcomes } = started.gateway.log;
    const engines = spans.filter((span) => span.kind === 'engine');
    expect(engines.map((span) => [span.model, span.status, span.attributes?.['continues'] ?? false])).toEqual([
      ['m0', 'error', false],
      ['m1', 'ok', true],
    ]);
    const call = spans.find((span) => span.kind === 'gateway');
    expect(call).toMatchObject({ status: 'ok', output: 'Hello, you', attributes: { continuations: 1, attempts: 2 } });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['error', 'ok']);
  });

  it('asks for no more tokens than are left', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]]);

    await ask(started, { max_tokens: 40 });

    const used = started.gateway.log.settled[0]?.usage.outputTokens ?? 0;
    expect(used).toBeGreaterThan(0);
    expect(sentTo(started.upstreams[1])['max_tokens']).toBe(40 - used);
  });

  it('is not continued when its limit is reached', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]]);

    const stream = await ask(started, { max_tokens: 1 });

    expect(isComplete(stream)).toBe(false);
    expect(stream).toContain('"error"');
    expect(started.upstreams[1]?.seen).toHaveLength(0);
  });

  it.each([
    ['continue-final-message', { continue_final_message: true, add_generation_prompt: false }, undefined],
    ['prefix', {}, 'prefix'],
    ['partial', {}, 'partial'],
    ['prefill', {}, undefined],
  ] as const)('is given to the engine in its own words: %s', async (how, fields, mark) => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, { how, trims: false, echoes: false }]]);

    expect(saidIn(await ask(started))).toBe('Hello, you');

    const sent = sentTo(started.upstreams[1]);
    expect(sent).toMatchObject(fields);
    const last = (sent['messages'] as Json[]).at(-1);
    expect(last).toEqual({ role: 'assistant', content: 'Hello', ...(mark === undefined ? {} : { [mark]: true }) });
  });

  it('is asked for at another path where the provider has one', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn, { how: 'prefix', trims: false, echoes: false, path: '/beta/chat/completions' }]]);

    await ask(started);

    expect(started.upstreams[1]?.seen[0]?.url).toBe('/beta/chat/completions');
  });

  it('loses no white space where the engine takes none at the end of the beginning, and repeats none', async () => {
    const started = await start([[cut(role, text('Hello '))], [says(role, text(' '), text('you'), stop, done), { ...PREFILL, trims: true }]]);

    expect(saidIn(await ask(started))).toBe('Hello you');
    expect((sentTo(started.upstreams[1])['messages'] as Json[]).at(-1)?.['content']).toBe('Hello');
  });

  it('is not said again by an engine that repeats the beginning', async () => {
    const started = await start([[cut(role, text('Hello'))], [says(role, text('Hel'), text('lo, '), text('you'), stop, done), { ...PREFILL, echoes: true }]]);

    expect(saidIn(await ask(started))).toBe('Hello, you');
  });

  it('can break off again and be continued again, as often as the route says', async () => {
    const started = await start([
      [cut(role, text('One'))],
      [cut(role, text(' two')), PREFILL],
      [says(role, text(' three'), stop, usage(20, 1), done), PREFILL],
      [goesOn, PREFILL],
    ]);

    const stream = await ask(started);

    expect(saidIn(stream)).toBe('One two three');
    expect(isComplete(stream)).toBe(true);
    expect((sentTo(started.upstreams[2])['messages'] as Json[]).at(-1)).toEqual({ role: 'assistant', content: 'One two' });
    expect(started.gateway.log.settled.map(({ model }) => model)).toEqual(['m0', 'm1', 'm2']);
  });

  it('is told as broken when every continuation breaks off', async () => {
    const started = await start([[cut(role, text('One'))], [cut(role, text(' two')), PREFILL], [cut(role, text(' three')), PREFILL], [goesOn, PREFILL]]);

    const stream = await ask(started);

    expect(saidIn(stream)).toBe('One two three');
    expect(isComplete(stream)).toBe(false);
    expect(stream).toContain('"error"');
    expect(started.upstreams[3]?.seen).toHaveLength(0);
    expect(started.gateway.log.settled).toHaveLength(3);
  });

  it('is tried elsewhere when a continuation fails before it says anything', async () => {
    const refuses: FakeHandler = (_request, response) => answerJson(response, { error: { message: 'busy' } }, 503);
    const started = await start([[cut(role, text('Hello'))], [refuses, PREFILL], [goesOn, PREFILL]]);

    expect(saidIn(await ask(started))).toBe('Hello, you');
    expect(started.gateway.log.released).toBe(1);
    expect(started.gateway.log.settled.map(({ model }) => model)).toEqual(['m0', 'm2']);
  });

  it('tells the first error where an engine refuses the beginning', async () => {
    const refuses: FakeHandler = (_request, response) => answerJson(response, { error: { message: 'prefill is not supported' } }, 400);
    const started = await start([[cut(role, text('Hello'))], [refuses, PREFILL], [goesOn, PREFILL]]);

    const stream = await ask(started);

    expect(isComplete(stream)).toBe(false);
    expect(stream).toContain('upstream_cut');
    expect(stream).not.toContain('prefill');
    expect(started.upstreams[2]?.seen).toHaveLength(0);
  });

  it('skips engines that can not go on', async () => {
    const started = await start([[cut(role, text('Hello'))], [goesOn], [goesOn, PREFILL]]);

    expect(saidIn(await ask(started))).toBe('Hello, you');
    expect(started.upstreams.map(({ seen }) => seen.length)).toEqual([1, 0, 1]);
  });

  it('is not continued where the limits have no room for it', async () => {
    let asked = 0;
    const started = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]], {
      admit: () => {
        asked += 1;
        if (asked > 1) throw new PlatformError('quota_exceeded', { message: 'the budget is spent' });
        return {};
      },
    });

    const stream = await ask(started);

    expect(stream).toContain('upstream_cut');
    expect(started.upstreams[1]?.seen).toHaveLength(0);
    expect(started.gateway.log.settled).toHaveLength(1);
  });

  it('keeps tools that the continuation calls behind the text', async () => {
    const call = delta({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":1}' } }] });
    const started = await start([[cut(role, text('Hello'))], [says(role, text(' there'), call, delta({}, 'tool_calls'), done), PREFILL]]);

    const stream = await ask(started, { tools: [{ type: 'function', function: { name: 'find', parameters: { type: 'object' } } }] });

    expect(saidIn(stream)).toBe('Hello there');
    expect(stream).toContain('"call_1"');
    expect(isComplete(stream)).toBe(true);
  });

  it('leaves the reasoning of a continuation out', async () => {
    const started = await start([[cut(role, text('Hello'))], [says(role, delta({ reasoning_content: 'hm' }), text(', you'), stop, done), PREFILL]]);

    const stream = await ask(started);

    expect(saidIn(stream)).toBe('Hello, you');
    expect(stream).not.toContain('hm');
  });
});

describe('an answer that can not be continued', () => {
  const tool = (args: string): string => delta({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'find', arguments: args } }] });
  it.each([
    ['half of a tool call', [role, text('Hello'), tool('{"q":')]],
    ['reasoning', [role, delta({ reasoning_content: 'hm' }), text('Hello')]],
    ['a refusal', [role, delta({ refusal: 'I can not' })]],
    ['white space only', [role, text(' \n')]],
    ['its end already', [role, text('Hello'), stop]],
  ])('is told as broken: %s', async (_name, events) => {
    const started = await start([[cut(...events)], [goesOn, PREFILL]]);

    const stream = await ask(started);

    expect(isComplete(stream)).toBe(false);
    expect(started.upstreams[1]?.seen).toHaveLength(0);
    expect(started.gateway.log.settled).toHaveLength(1);
  });

  it.each([
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } }],
    ['JSON', { response_format: { type: 'json_object' } }],
    ['log probabilities', { logprobs: true }],
    ['several answers', { n: 2 }],
    ['reasoning', { reasoning_effort: 'high' }],
    ['a grammar of vLLM', { guided_regex: 'a+' }],
    ['a beginning of its own', { messages: [...request.messages, { role: 'assistant', content: 'Well,' }] }],
  ])('is passed on byte for byte when it is asked with %s', async (_name, more) => {
    const events = [role, text('Hello')];
    const started = await start([[cut(...events)], [goesOn, PREFILL]]);

    const stream = await ask(started, more);

    expect(stream.startsWith(events.join(''))).toBe(true);
    expect(stream).toContain('upstream_cut');
    expect(started.upstreams[1]?.seen).toHaveLength(0);
  });

  it('is not continued where the route does not say so', async () => {
    const upstreams = await start([[cut(role, text('Hello'))], [goesOn, PREFILL]], { continuation: undefined as never });

    expect(await ask(upstreams)).toContain('upstream_cut');
    expect(upstreams.upstreams[1]?.seen).toHaveLength(0);
  });
});
