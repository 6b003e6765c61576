import { afterEach, describe, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from './__fixtures__/open-test-room.ts';

let room: TestRoom | undefined;
afterEach(() => room?.close());

const span = (traceId: string) => ({
  traceId,
  spanId: '1',
  parentSpanId: null,
  name: 'n',
  kind: 'engine' as const,
  startMs: 1,
  endMs: 2,
  status: 'ok' as const,
  tenant: 't',
  attributes: {},
});

describe('traces over a kill', () => {
  it('are all there after the next start: what was accepted is settled first', async () => {
    const first = await openTestRoom();
    for (let index = 0; index < 50; index += 1) first.traces.record(span(`trace-${index}`));
    first.traces.ingestLangfuse(
      { batch: [{ id: 's', type: 'score-create', timestamp: '2026-11-21T09:00:00Z', body: { name: 'q', value: 1, traceId: 'trace-7' } }] },
      { tenant: 't' },
    );

    room = await first.reopenAfterKill();
    await room.traces.flush();

    expect((await room.traces.listTraces({ limit: 100 })).items).toHaveLength(50);
    expect((await room.traces.getTrace('trace-7'))?.scores).toMatchObject([{ name: 'q' }]);
  });

  it('are settled once although the records come twice', async () => {
    const first = await openTestRoom();
    first.traces.record({
      ...span('a'),
      usage: { inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
      costNanoUsd: 9,
    });
    await first.traces.flush();
    const before = await first.traces.getTrace('a');
    first.traces.record({
      ...span('a'),
      usage: { inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
      costNanoUsd: 9,
    });

    room = await first.reopenAfterKill();
    await room.traces.flush();

    expect(await room.traces.getTrace('a')).toEqual(before);
  });

  it('are not held up by a record that nobody can read', async () => {
    room = await openTestRoom();
    room.spool.append('not json');
    room.spool.append('[{"type":"span","span":{"tenant":"t"}}]');
    room.traces.record(span('good'));

    await room.traces.flush();

    expect((await room.traces.listTraces({})).items).toHaveLength(1);
    expect(room.traces.stats().backlogBytes).toBe(0);
  });

  it('wait in the spool while the database is away, and come when it is back', async () => {
    room = await openTestRoom();
    await room.store.db.schema.alterTable('span').renameTo('span_away').execute();
    room.traces.record(span('patient'));
    await room.clock.advance(1_000);
    expect(room.traces.stats().backlogBytes).toBeGreaterThan(0);

    await room.store.db.schema.alterTable('span_away').renameTo('span').execute();
    const { traces, clock } = room;
    await expect
      .poll(async () => {
        await clock.advance(20_000);
        return (await traces.listTraces({})).items.length;
      })
      .toBe(1);
  });

  it('never fail the request that they are about', async () => {
    room = await openTestRoom();
    await room.spool.close();

    room.traces.record(span('lost'));

    expect(room.traces.stats().lostSpans).toBe(1);
    expect(() => room?.traces.ingestLangfuse({ batch: [{ id: '1', type: 'trace-create', timestamp: '', body: { id: 't' } }] }, { tenant: 't' })).toThrow(
      expect.objectContaining({ code: 'shutting_down' }),
    );
  });
});
