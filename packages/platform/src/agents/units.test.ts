import type { RunStep } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeAgent } from './__fixtures__/test-kit.ts';
import { abortable, untilAborted } from './abortable.ts';
import { callModel } from './call-model.ts';
import { describeGraph } from './describe-graph.ts';
import { checkRepetition, checkStepBudget } from './loop-guard.ts';
import { type ChatMessage, conversationSchema, messageText, questionOf } from './messages.ts';
import type { ChatDelta, ChatRequest } from './ports.ts';
import { readUsage, toOpenAiUsage } from './read-usage.ts';
import { createRunHub } from './run-events.ts';
import { sumUsage, toOutput } from './run-result.ts';
import { formatTraceparent, parseTraceparent } from './run-trace.ts';
import { readArguments } from './tool-calls.ts';
import type { Source, Tool } from './tools/tool.ts';
import { validateArguments } from './tools/validate-arguments.ts';

const request: ChatRequest = {
  model: 'm',
  messages: [],
  tools: [],
  temperature: undefined,
  context: { tenant: 't', keyId: 'k', session: undefined, agent: 'a', runId: 'r', traceparent: '' },
};
const signal = new AbortController().signal;
const play = (deltas: readonly ChatDelta[]) => ({
  models: {
    async *chat() {
      yield* deltas;
    },
  },
});

describe('callModel', () => {
  it('puts text together and hands it on piece by piece', async () => {
    const pieces: string[] = [];
    const reply = await callModel(play([{ content: 'a' }, { content: null }, { content: '' }, { content: 'b' }, { finish_reason: 'stop' }]).models, {
      request,
      signal,
      onText: (text) => pieces.push(text),
    });

    expect(reply).toMatchObject({ content: 'ab', toolCalls: [], finishReason: 'stop' });
    expect(pieces).toEqual(['a', 'b']);
  });

  it('puts tool calls together that come in pieces and in any order', async () => {
    const { models } = play([
      { tool_calls: [{ index: 1, id: 'y', function: { name: 'two', arguments: '{"b"' } }] },
      { tool_calls: [{ index: 0, id: 'x', function: { name: 'one', arguments: '{}' } }] },
      { tool_calls: [{ index: 1, function: { arguments: ':1}' } }] },
    ]);

    expect((await callModel(models, { request, signal })).toolCalls).toEqual([
      { id: 'x', type: 'function', function: { name: 'one', arguments: '{}' } },
      { id: 'y', type: 'function', function: { name: 'two', arguments: '{"b":1}' } },
    ]);
  });

  it('refuses an answer that asks for too much at once', async () => {
    const { models } = play([{ tool_calls: [{ index: 64, id: 'x', function: { name: 'one' } }] }]);

    await expect(callModel(models, { request, signal })).rejects.toMatchObject({ code: 'upstream_garbage' });
  });

  it('ends at once when it is cancelled, though the model is silent', async () => {
    const cancel = new AbortController();
    const silent = { chat: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }) };
    const reply = callModel(silent, { request, signal: cancel.signal });
    cancel.abort(new RangeError('enough'));

    await expect(reply).rejects.toThrow('enough');
  });
});

describe('usage', () => {
  it('is read into disjoint buckets', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 30,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 20 },
    };

    expect(readUsage(usage)).toEqual({ inputTokens: 36, cacheReadTokens: 64, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 20 });
  });

  it('keeps its sums through both directions, and never goes below zero', () => {
    const count = fc.nat(1e6);
    fc.assert(
      fc.property(count, count, count, count, (prompt, completion, cached, reasoning) => {
        const usage = readUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens_details: { reasoning_tokens: reasoning },
        });
        expect(Object.values(usage).every((tokens) => tokens >= 0)).toBe(true);
        expect(toOpenAiUsage(usage)).toMatchObject({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion });
        expect(readUsage(toOpenAiUsage(usage))).toEqual(usage);
      }),
    );
  });

  it('counts as nothing when it is not a usage object', () => {
    for (const odd of [undefined, null, 'x', { prompt_tokens: -1 }, { prompt_tokens: 1.5 }])
      expect(sumUsage([{ output: { usage: readUsage(odd) } } as RunStep]).inputTokens).toBe(0);
  });
});

const call = (name: string, args: string) => ({ id: 'x', type: 'function' as const, function: { name, arguments: args } });
const asked = (...calls: ReturnType<typeof call>[]): ChatMessage => ({ role: 'assistant', content: null, tool_calls: calls });

describe('the loop guard', () => {
  it('sees through the order of keys and through spaces', () => {
    const messages = [asked(call('t', '{"a":1,"b":{"c":2,"d":3}}')), asked(call('t', '{ "b": {"d":3,"c":2}, "a": 1 }'))];

    expect(() => checkRepetition('a', messages, [call('t', '{"b":{"c":2,"d":3},"a":1}')])).toThrow(expect.objectContaining({ code: 'agent_loop' }));
    expect(() => checkRepetition('a', messages, [call('t', '{"b":{"c":2,"d":3},"a":2}')])).not.toThrow();
    expect(() => checkRepetition('a', messages, [call('u', '{"b":{"c":2,"d":3},"a":1}')])).not.toThrow();
  });

  it('counts the same call within one answer', () => {
    expect(() => checkRepetition('a', [], [call('t', '{}'), call('t', '{}'), call('t', '{}')])).toThrow(expect.objectContaining({ code: 'agent_loop' }));
  });

  it('compares arguments that are not JSON as text', () => {
    expect(() => checkRepetition('a', [asked(call('t', 'x'), call('t', ' x '))], [call('t', 'x')])).toThrow(expect.objectContaining({ code: 'agent_loop' }));
  });

  it('says what was done when the budget of steps is used up', () => {
    const messages = [asked(call('search', '1'), call('search', '2')), asked(call('add', '3'))];

    expect(() => checkStepBudget('a', { modelCalls: 5, maxSteps: 5, messages })).toThrow('it had called search 2x, add 1x');
    expect(() => checkStepBudget('a', { modelCalls: 4, maxSteps: 5, messages })).not.toThrow();
    expect(() => checkStepBudget('a', { modelCalls: 5, maxSteps: 5, messages: [] })).toThrow('no tool was called');
  });
});

describe('messages', () => {
  it('have the text of their parts', () => {
    expect(messageText({ content: 'a' })).toBe('a');
    expect(messageText({ content: null })).toBe('');
    expect(messageText({ content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, { type: 'text', text: 'b' }, null] })).toBe('ab');
  });

  it('ask the question of the last message of the user', () => {
    expect(
      questionOf([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'x' },
        { role: 'user', content: 'two' },
      ]),
    ).toBe('two');
    expect(questionOf([])).toBe('');
  });

  it('keep fields that are not known, and have a limit', () => {
    expect(conversationSchema.parse([{ role: 'user', content: 'x', cache_control: { type: 'ephemeral' } }])[0]).toHaveProperty('cache_control');
    expect(conversationSchema.safeParse([{ role: 'user', content: 'x'.repeat(2_000_001) }]).success).toBe(false);
    expect(conversationSchema.safeParse(Array(2_001).fill({ role: 'user', content: 'x' })).success).toBe(false);
  });
});

describe('trace context', () => {
  it('is written and read back', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const spanId = 'b7ad6b7169203331';

    expect(parseTraceparent(formatTraceparent(traceId, spanId))).toEqual({ traceId, spanId });
  });

  it('is nothing when it is wrong', () => {
    for (const odd of [undefined, '', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`, `00-${'G'.repeat(32)}-x`])
      expect(parseTraceparent(odd)).toBeUndefined();
  });
});

describe('validateArguments', () => {
  const tool = {
    name: 'order',
    parameters: {
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1 }, size: { enum: ['s', 'm'] } },
      required: ['count'],
      additionalProperties: false,
    },
  } as unknown as Tool;

  it('lets fitting arguments through', async () => {
    expect(await validateArguments(tool, '{"count":2,"size":"m"}')).toEqual({ count: 2, size: 'm' });
  });

  it('takes no text for no arguments', async () => {
    const free = { name: 'free', parameters: { type: 'object' } } as unknown as Tool;

    expect(await validateArguments(free, ' ')).toEqual({});
  });

  it('names the tool and its schema when arguments do not fit', async () => {
    for (const bad of [
      '{"count":0}',
      '{"count":"2"}',
      '{}',
      '{"count":1,"extra":1}',
      '{"count":1,"size":"xl"}',
      '[]',
      'null',
      '"x"',
      '{"count":',
      'x'.repeat(200_001),
    ])
      await expect(validateArguments(tool, bad), bad.slice(0, 40)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('"order"'),
      });
  });
});

describe('toOutput', () => {
  const source = (citation: string): Source => ({ citation, document: 'd', heading: null, page: null, text: citation, knowledgeBase: 'k' });

  it('lists the sources that the answer names, each once', () => {
    const output = toOutput('See [a] and [a].', [source('[a]'), source('[b]'), source('[a]')], []);

    expect(output.sources).toEqual([source('[a]')]);
  });

  it('lists everything that was found when the answer names nothing', () => {
    expect(toOutput('So it is.', [source('[a]'), source('[b]')], []).sources).toHaveLength(2);
  });
});

describe('describeGraph', () => {
  const tools = [{ type: 'calculator' }, { type: 'mcp', server: 'files' }, { type: 'agent', agent: 'helper' }];

  it('draws model and tools of a react agent', () => {
    const graph = describeGraph(makeAgent({ tools }).spec);

    expect(graph.nodes.map((node) => node.label)).toEqual(['Question', 'scripted', 'calculate', 'files', 'helper', 'Answer']);
    expect(graph.edges).toContainEqual({ from: 'model', to: 'tool-1' });
  });

  it('has edges only between its nodes', () => {
    for (const kind of ['react', 'plan-execute-evaluate']) {
      const { nodes, edges } = describeGraph(makeAgent({ tools, graph: kind }).spec);
      const ids = new Set(nodes.map((node) => node.id));
      for (const edge of edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true);
    }
  });
});

describe('abortable', () => {
  it('gives up at once, and leaves no listener behind', async () => {
    const stop = new AbortController();
    const waiting = abortable(new Promise(() => undefined), stop.signal);
    stop.abort(new RangeError('stop'));

    await expect(waiting).rejects.toThrow('stop');
    await expect(abortable(Promise.resolve(1), stop.signal)).rejects.toThrow('stop');
    expect(await abortable(Promise.resolve(1), new AbortController().signal)).toBe(1);
  });

  it('closes a source that is left', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        closed = true;
      }
    }
    for await (const value of untilAborted(source(), signal)) if (value === 1) break;

    expect(closed).toBe(true);
  });
});

describe('the hub of events', () => {
  it('hands text that is open to those who come late, and forgets it when the step ends', () => {
    const hub = createRunHub();
    hub.emit('r', { type: 'text-delta', text: 'one ', index: 0, kind: 'model' });
    hub.emit('r', { type: 'text-delta', text: 'two', index: 0, kind: 'model' });

    expect(hub.subscribe('r').textSoFar.get(0)).toEqual({ text: 'one two', kind: 'model' });
    hub.forget('r');
    expect(hub.subscribe('r').textSoFar.size).toBe(0);
  });

  it('keeps runs apart, and stops at close', () => {
    const hub = createRunHub();
    const watch = hub.subscribe('r');
    hub.emit('other', { type: 'text-delta', text: 'x', index: 0, kind: 'model' });
    expect(watch.take()).toEqual([]);
    hub.emit('r', { type: 'text-delta', text: 'x', index: 0, kind: 'model' });
    expect(watch.take()).toHaveLength(1);
    watch.close();
    hub.emit('r', { type: 'text-delta', text: 'y', index: 0, kind: 'model' });
    expect(watch.take()).toEqual([]);
  });
});

describe('readArguments', () => {
  it('reads JSON, and keeps what is not JSON as text', () => {
    expect(readArguments('{"a":1}')).toEqual({ a: 1 });
    expect(readArguments('')).toEqual({});
    expect(readArguments('{"a":')).toBe('{"a":');
  });
});
