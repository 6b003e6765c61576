import { describe, expect, it } from 'vitest';
import type { CanonicalAnswer } from './answer.ts';
import { AnswerCollector } from './answer-collector.ts';
import { toEvents } from './answer-events.ts';
import { CustomCallFitter } from './custom-call-fitter.ts';
import { fitCustomCalls, toCustomInput, toFunctionArguments, toFunctionTool } from './custom-calls.ts';
import type { CanonicalEvent } from './event.ts';
import { failure, kindOfFailure } from './failure.ts';
import { OpenParts } from './open-parts.ts';
import { PartSequencer } from './part-sequencer.ts';
import { toBudget, toEffort } from './reasoning-budget.ts';
import type { CanonicalTool } from './tool.ts';

const patch: CanonicalTool = { type: 'custom', name: 'patch', grammar: { syntax: 'lark', definition: 'start: "x"' } };
const start = (index: number): CanonicalEvent => ({ type: 'part-start', index, part: { type: 'tool-call', id: `c${index}`, name: 'f' } });
const args = (index: number, text: string): CanonicalEvent => ({ type: 'arguments-delta', index, text });
const end = (index: number): CanonicalEvent => ({ type: 'part-end', index });

describe('AnswerCollector', () => {
  const answer: CanonicalAnswer = {
    id: '1',
    model: 'm',
    createdS: 3,
    parts: [
      { type: 'reasoning', text: 'hm', seal: { format: 'gemini', kind: 'signature', value: 's' } },
      { type: 'text', text: 'yes', notes: { format: 'openai-chat', value: [1, 2] } },
      { type: 'refusal', text: 'no' },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}', custom: true },
      { type: 'foreign', format: 'gemini', value: { a: 1 } },
      { type: 'text', text: '' },
    ],
    finishReason: 'stop-sequence',
    stopSequence: 'END',
    usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 2, reasoningTokens: 0 },
    logprobs: [{ token: 'yes', logprob: -1 }],
  };

  it('puts the events of an answer together again', () => {
    const collector = new AnswerCollector();
    for (const event of toEvents(answer)) collector.take(event);

    expect(collector.answer).toEqual(answer);
    expect(collector.complete).toBe(true);
    expect(collector.error).toBeUndefined();
  });

  it('keeps what came before a stream broke, and says that it did', () => {
    const collector = new AnswerCollector();
    const events = toEvents(answer);
    for (const event of events.slice(0, 6)) collector.take(event);
    collector.take({ type: 'error', error: failure('cut', 'gone') });

    expect(collector.complete).toBe(false);
    expect(collector.error?.kind).toBe('cut');
    expect(collector.answer.parts).toHaveLength(2);
    expect(collector.answer.finishReason).toBe('other');
  });

  it('leaves deltas of parts that never began alone', () => {
    const collector = new AnswerCollector();
    collector.take({ type: 'text-delta', index: 3, text: 'x' });

    expect(collector.answer.parts).toEqual([]);
  });
});

describe('PartSequencer', () => {
  const order = (events: readonly CanonicalEvent[]): CanonicalEvent[] => {
    const sequencer = new PartSequencer();
    return events.flatMap((event) => sequencer.push(event));
  };

  it('lets parts that do not overlap pass at once', () => {
    const events = [start(0), args(0, 'a'), end(0), start(1), args(1, 'b'), end(1)];

    expect(order(events)).toEqual(events);
  });

  it('holds a part that began while another was open', () => {
    expect(order([start(0), start(1), args(1, 'b'), args(0, 'a'), end(0), args(1, 'c'), end(1)])).toEqual([
      start(0),
      args(0, 'a'),
      end(0),
      start(1),
      args(1, 'b'),
      args(1, 'c'),
      end(1),
    ]);
  });

  it('gives parts that ended while they waited on whole', () => {
    expect(order([start(0), start(1), end(1), start(2), end(2), end(0), start(3)])).toEqual([start(0), end(0), start(1), end(1), start(2), end(2), start(3)]);
  });

  it('closes what is open before the answer ends', () => {
    const finish: CanonicalEvent = { type: 'finish', reason: 'stop' };

    expect(order([start(0), start(1), args(1, 'b'), { type: 'usage', usage: ZERO }, finish, { type: 'end' }])).toEqual([
      start(0),
      { type: 'usage', usage: ZERO },
      end(0),
      start(1),
      args(1, 'b'),
      end(1),
      finish,
      { type: 'end' },
    ]);
  });
});

const ZERO = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 };

describe('OpenParts', () => {
  it('opens a part where a text begins, and ends it where another kind does', () => {
    const parts = new OpenParts();

    expect(parts.add('text', 'a')).toEqual([
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'a' },
    ]);
    expect(parts.add('text', 'b')).toEqual([{ type: 'text-delta', index: 0, text: 'b' }]);
    expect(parts.add('reasoning', 'c').map((event) => event.type)).toEqual(['part-end', 'part-start', 'reasoning-delta']);
    expect(parts.endAll()).toEqual([end(1)]);
    expect(parts.endAll()).toEqual([]);
  });

  it('begins a new reasoning part after a seal, and makes an empty one for a seal alone', () => {
    const parts = new OpenParts();
    const seal = { format: 'gemini', kind: 'signature', value: 's' } as const;

    expect(parts.seal(seal).map((event) => event.type)).toEqual(['part-start', 'seal']);
    expect(parts.add('reasoning', 'more').map((event) => event.type)).toEqual(['part-end', 'part-start', 'reasoning-delta']);
    expect(parts.seal(seal)).toEqual([{ type: 'seal', index: 1, seal }]);
  });

  it('keeps tool calls open beside each other', () => {
    const parts = new OpenParts();
    const first = parts.start({ type: 'tool-call', id: 'a', name: 'f' });
    const second = parts.start({ type: 'tool-call', id: 'b', name: 'f' });

    expect(second.events).toHaveLength(1);
    expect(parts.end(first.index)).toEqual([end(0)]);
    expect(parts.end(first.index)).toEqual([]);
    expect(parts.endAll()).toEqual([end(1)]);
  });
});

describe('custom tools', () => {
  it('become functions of one text', () => {
    const tool = toFunctionTool({ ...patch, description: 'Edits' });

    expect(tool).toMatchObject({ type: 'function', name: 'patch', description: 'Edits', parameters: { required: ['input'], additionalProperties: false } });
    expect(JSON.stringify(tool.parameters)).toContain('lark grammar');
  });

  it.each(['', 'plain', '*** "quoted"\n\\'])('keep the input %j through the arguments of a function', (input) => {
    expect(toCustomInput(toFunctionArguments(input))).toBe(input);
  });

  it('show arguments that are not of the function as they are', () => {
    expect(toCustomInput('{"other":1}')).toBe('{"other":1}');
    expect(toCustomInput('{"half')).toBe('{"half');
  });

  it('are calls of the client again, and functions stay functions', () => {
    const call = { type: 'tool-call', id: '1', name: 'patch', arguments: '{"input":"x"}' } as const;
    const other = { ...call, name: 'shell' };

    expect(fitCustomCalls([call, other], [patch])).toEqual([{ ...call, custom: true, arguments: 'x' }, other]);
    expect(fitCustomCalls([call], undefined)).toEqual([call]);
  });

  it('are given on whole when they were streamed', () => {
    const fitter = new CustomCallFitter([patch]);
    const head: CanonicalEvent = { type: 'part-start', index: 0, part: { type: 'tool-call', id: '1', name: 'patch' } };
    const events = [head, args(0, '{"inp'), args(0, 'ut":"a\\nb"}'), end(0), start(1), args(1, '{}')];

    expect(events.flatMap((event) => fitter.fit(event))).toEqual([
      { ...head, part: { type: 'tool-call', id: '1', name: 'patch', custom: true } },
      args(0, 'a\nb'),
      end(0),
      start(1),
      args(1, '{}'),
    ]);
  });
});

describe('failure', () => {
  it.each([
    [400, 'This model’s maximum context length is 8192 tokens', 'context-length'],
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length'],
    [400, 'The input token count exceeds the maximum number of tokens allowed', 'context-length'],
    [413, 'Input is too long for requested model', 'context-length'],
    [400, 'The response was filtered due to the prompt triggering content management policy', 'content-policy'],
    [400, 'temperature must be a number', 'invalid-request'],
    [422, 'bad', 'invalid-request'],
    [429, 'slow down', 'rate-limit'],
    [529, 'Overloaded', 'overloaded'],
    [500, 'context window', 'server'],
    [418, 'teapot', 'invalid-request'],
  ] as const)('reads status %i with %j as %s', (status, words, kind) => {
    expect(kindOfFailure(status, words)).toBe(kind);
  });
});

describe('reasoning settings', () => {
  it.each([
    [{ effort: 'high' }, 'high', 24_576],
    [{ effort: 'none' }, 'none', 0],
    [{ mode: 'off', effort: 'high' }, 'none', 0],
    [{ budgetTokens: 1024 }, 'low', 1024],
    [{ budgetTokens: 8000 }, 'medium', 8000],
    [{ budgetTokens: 31_999 }, 'high', 31_999],
    [{ budgetTokens: 0 }, 'none', 0],
    [{ mode: 'on' }, undefined, undefined],
  ] as const)('%j mean the effort %s and the budget %s', (settings, effort, budget) => {
    expect(toEffort(settings)).toBe(effort);
    expect(toBudget(settings)).toBe(budget);
  });

  it('keep an effort through a budget and back', () => {
    for (const effort of ['low', 'medium', 'high'] as const) expect(toEffort({ budgetTokens: toBudget({ effort }) ?? 0 })).toBe(effort);
  });
});
