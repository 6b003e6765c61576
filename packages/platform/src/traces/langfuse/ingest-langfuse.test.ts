import { ZERO_USAGE } from '@maru/api/records';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from '../__fixtures__/open-test-room.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const event = (type: string, body: unknown, id = `event-${type}`, timestamp = '2026-11-21T09:00:00Z') => ({ id, type, timestamp, body });
const send = (...batch: readonly unknown[]) => room.traces.ingestLangfuse({ batch }, { tenant: 'default' });

describe('a Langfuse batch', () => {
  it('keeps the good events and names the bad ones', async () => {
    const reply = send(
      event('trace-create', { id: 't', name: 'good' }),
      event('score-create', { name: 'q', traceId: 't' }, 'no-value'),
      event('nonsense', {}, 'unknown-type'),
      event('span-create', { id: 5, traceId: 't' }, 'wrong-id'),
      { type: 'trace-create' },
      'text',
      event('score-create', { name: 'q', value: 1 }, 'about-nothing'),
    );
    await room.traces.flush();

    expect(reply.body.successes).toEqual([{ id: 'event-trace-create', status: 201 }]);
    expect(reply.body.errors.map(({ id, status }) => [id, status])).toEqual([
      ['no-value', 400],
      ['unknown-type', 400],
      ['wrong-id', 400],
      ['', 400],
      ['', 400],
      ['about-nothing', 400],
    ]);
    expect(reply.body.errors[1]?.error).toContain('nonsense');
    expect((await room.traces.listTraces({})).items).toMatchObject([{ name: 'good' }]);
  });

  it.each([undefined, null, [], 'x', { batch: {} }, {}])('is refused when there is no batch: %j', (body) => {
    expect(() => room.traces.ingestLangfuse(body, { tenant: 'default' })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('is refused when it has too many events', () => {
    expect(() => send(...Array.from({ length: 5_001 }, () => 0))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  });

  it('puts an update that overtook its create into the right order', async () => {
    send(
      event('generation-update', { id: 'g', traceId: 't', output: 'new', model: 'late' }, 'b', '2026-11-21T09:00:02Z'),
      event('generation-create', { id: 'g', traceId: 't', name: 'first', model: 'early', startTime: '2026-11-21T09:00:01Z' }, 'a', '2026-11-21T09:00:01Z'),
    );
    await room.traces.flush();

    expect((await room.traces.getTrace('t'))?.spans).toMatchObject([
      { name: 'first', model: 'late', output: 'new', startMs: Date.parse('2026-11-21T09:00:01Z') },
    ]);
  });

  it('takes an update whose create comes in a later batch', async () => {
    send(event('span-update', { id: 's', traceId: 't', endTime: '2026-11-21T09:00:05Z', output: 1 }));
    await room.traces.flush();
    send(event('span-create', { id: 's', traceId: 't', name: 'late', parentObservationId: 'p', startTime: '2026-11-21T09:00:04.5' }));
    await room.traces.flush();

    const span = (await room.traces.getTrace('t'))?.spans[0];
    expect(span).toMatchObject({ name: 'late', parentSpanId: 'p', output: 1 });
    expect((span?.endMs ?? 0) - (span?.startMs ?? 0)).toBe(500);
  });

  it('keeps an event as a span without length, and a log of the SDK not at all', async () => {
    const reply = send(
      event('event-create', { id: 'e', traceId: 't', name: 'clicked', startTime: '2026-11-21T09:00:01Z', level: 'WARNING' }),
      event('sdk-log', { log: 'secret' }),
    );
    await room.traces.flush();

    expect(reply.body.errors).toEqual([]);
    const span = (await room.traces.getTrace('t'))?.spans[0];
    expect(span).toMatchObject({ name: 'clicked', attributes: { 'langfuse.observation.level': 'WARNING' } });
    expect(span?.endMs).toBe(span?.startMs);
  });

  it.each([
    [{ usage: { promptTokens: 10, completionTokens: 4, totalTokens: 14 } }, { inputTokens: 10, outputTokens: 4 }],
    [{ usage: { input: 10, output: 4, unit: 'TOKENS', totalCost: 0.5 } }, { inputTokens: 10, outputTokens: 4 }],
    [
      { usageDetails: { input_tokens: 3, cache_read_input_tokens: 7, cache_creation_input_tokens: 2, output_tokens: 4 } },
      { inputTokens: 3, cacheReadTokens: 7, cacheWriteTokens: 2, outputTokens: 4 },
    ],
    [
      {
        usageDetails: {
          prompt_tokens: 10,
          completion_tokens: 9,
          prompt_tokens_details: { cached_tokens: 8 },
          completion_tokens_details: { reasoning_tokens: 6 },
        },
      },
      { inputTokens: 2, cacheReadTokens: 8, outputTokens: 3, reasoningTokens: 6 },
    ],
    [
      { usageDetails: { input: 2, input_cached_tokens: 8, input_audio_tokens: 1, output: 3, output_reasoning: 6, total: 20 } },
      { inputTokens: 3, cacheReadTokens: 8, outputTokens: 3, reasoningTokens: 6 },
    ],
  ])('puts the tokens of %j into disjoint buckets', async (body, usage) => {
    send(event('generation-create', { id: 'g', traceId: 't', ...body }));
    await room.traces.flush();

    expect((await room.traces.getTrace('t'))?.summary.usage).toEqual({ ...ZERO_USAGE, ...usage });
  });

  it('takes the given cost, in dollars, as nano-dollars', async () => {
    send(
      event('generation-create', { id: 'a', traceId: 't', costDetails: { input: 0.1, output: 0.2, total: 0.25 } }),
      event('generation-create', { id: 'b', traceId: 't', usage: { input: 1, inputCost: 0.1, outputCost: 0.2 } }, 'b'),
    );
    await room.traces.flush();

    expect((await room.traces.getTrace('t'))?.spans.map((span) => span.costNanoUsd)).toEqual([250_000_000, 300_000_000]);
  });
});

describe('scores sent on their own', () => {
  it('takes one score with its id, and a list with the bad ones named', async () => {
    expect(room.traces.ingestLangfuseScores({ id: 'one', name: 'q', value: true, traceId: 't' }, { tenant: 'default' })).toEqual({
      status: 200,
      body: { id: 'one' },
    });
    const reply = room.traces.ingestLangfuseScores([{ id: 'two', name: 'q', value: 0.5, traceId: 't' }, { name: 'q' }], { tenant: 'default' });
    await room.traces.flush();

    expect(reply).toMatchObject({
      status: 207,
      body: { accepted: 1, rejected: 1, errors: [{ message: expect.stringContaining('score 1: value') as string }] },
    });
    expect((await room.store.db.selectFrom('score').select(['id', 'value']).orderBy('id').execute()).map((row) => ({ ...row }))).toEqual([
      { id: 'one', value: 1 },
      { id: 'two', value: 0.5 },
    ]);
  });

  it.each([{}, null, 'x', { name: 'q', value: Number.NaN, traceId: 't' }, { name: 'q', value: 1 }])('refuses %j', (body) => {
    expect(() => room.traces.ingestLangfuseScores(body, { tenant: 'default' })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
