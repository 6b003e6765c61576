import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Span } from '@maru/api/records';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openSpool, type Spool, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createFakeClock, createSeededIds, type FakeClock } from '../../packages/platform/src/time/index.ts';
import { createTraces, type Traces } from '../../packages/platform/src/traces/index.ts';

export interface TracesStore {
  readonly store: Store;
  remove(): Promise<void>;
}

const NOW = 1_800_000_000_000;
const usage = (inputTokens: number, outputTokens = 0): Span['usage'] => ({
  inputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens,
  reasoningTokens: 0,
});

/** A finished span of one second. */
const aSpan = (fields: Partial<Span> = {}): Span => ({
  traceId: 'a'.repeat(32),
  spanId: '1'.repeat(16),
  parentSpanId: null,
  name: 'POST /v1/chat/completions',
  kind: 'gateway',
  startMs: NOW,
  endMs: NOW + 1000,
  status: 'ok',
  tenant: 'default',
  attributes: {},
  ...fields,
});

/** What the room `traces` promises on every database. */
export function describeTraces(name: string, open: () => Promise<TracesStore>): void {
  describe(`traces on ${name}`, () => {
    let opened: TracesStore;
    let folder: string;
    let spool: Spool;
    let clock: FakeClock;
    let traces: Traces;

    beforeEach(async () => {
      opened = await open();
      await migrateStore(opened.store);
      folder = mkdtempSync(join(tmpdir(), 'maru-traces-'));
      spool = openSpool({ path: join(folder, 'spool'), log: silentLog });
      clock = createFakeClock(NOW);
      traces = createTraces({ store: opened.store, spool, clock, ids: createSeededIds(), log: silentLog, captureContent: true, retentionMs: 86_400_000 });
    });
    afterEach(async () => {
      await traces.close();
      await spool.close();
      await opened.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const record = async (...spans: readonly Partial<Span>[]): Promise<void> => {
      for (const span of spans) traces.record(aSpan(span));
      await traces.flush();
    };

    it('shows a recorded span as it was', async () => {
      const span = aSpan({
        model: 'sim-8b',
        session: 's',
        user: 'u',
        usage: usage(10, 5),
        costNanoUsd: 1234,
        input: { q: '안녕' },
        output: 'hello',
        startMs: NOW + 0.25,
        attributes: { n: 1 },
      });

      await record(span);

      expect((await traces.getTrace(span.traceId))?.spans).toEqual([span]);
    });

    it('settles by itself a moment after recording', async () => {
      traces.record(aSpan());
      await clock.advance(300);

      await expect.poll(async () => (await traces.listTraces({})).items.length, { interval: 5 }).toBe(1);
    });

    it('merges later messages about one span and keeps it once', async () => {
      await record({ endMs: null, status: 'unset', model: 'sim-8b', attributes: { a: 1 } });
      await record({ endMs: NOW + 5, status: 'error', statusMessage: 'cut', attributes: { b: 2 } });
      await record({ endMs: NOW + 5, status: 'error', statusMessage: 'cut', attributes: { b: 2 } });

      const trace = await traces.getTrace('a'.repeat(32));
      expect(trace?.spans).toMatchObject([{ endMs: NOW + 5, status: 'error', model: 'sim-8b', attributes: { a: 1, b: 2 } }]);
      expect(trace?.summary).toMatchObject({ spans: 1, status: 'error', statusMessage: 'cut', durationMs: 5 });
    });

    it('never lets one tenant write into the trace of another', async () => {
      await record({ tenant: 'one', name: 'mine' });
      await record({ tenant: 'two', name: 'stolen' });

      expect((await traces.getTrace('a'.repeat(32), 'one'))?.spans).toMatchObject([{ name: 'mine' }]);
      expect((await traces.listTraces({ tenant: 'one' })).items).toMatchObject([{ name: 'mine', tenant: 'one' }]);
    });

    it('counts tokens and money once although the gateway repeats those of the engine', async () => {
      await record(
        { usage: usage(10, 5), costNanoUsd: 100 },
        { spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16), kind: 'engine', usage: usage(10, 5), costNanoUsd: 100, model: 'sim-8b' },
      );

      const summary = (await traces.getTrace('a'.repeat(32)))?.summary;
      expect(summary).toMatchObject({ usage: usage(10, 5), costNanoUsd: 100, model: 'sim-8b', spans: 2 });
    });

    it('pages through traces by key, also when new ones arrive in between', async () => {
      const ids = Array.from({ length: 7 }, (_, index) => String(index).repeat(32));
      // Three share one start: the id decides.
      await record(...ids.map((traceId, index) => ({ traceId, startMs: NOW + Math.max(0, index - 2) * 1000, endMs: NOW + 9000 })));

      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Traces['listTraces']>> = await traces.listTraces({ limit: 2, ...(cursor === null ? {} : { cursor }) });
        seen.push(...page.items.map((trace) => trace.traceId));
        cursor = page.nextCursor;
        await record({ traceId: `f${seen.length}`.padEnd(32, '0'), startMs: NOW + 100_000 });
      } while (cursor !== null);

      expect(seen).toEqual([...ids].reverse());
    });

    it('finds traces by every filter', async () => {
      await record(
        {
          name: 'agent/guide',
          kind: 'agent',
          session: 's1',
          user: 'u1',
          tenant: 't1',
          model: 'gpt-4o',
          status: 'error',
          statusMessage: '100% wrong_',
          input: '서울의 날씨',
          endMs: NOW + 5000,
        },
        { traceId: 'b'.repeat(32), startMs: NOW + 60_000, endMs: NOW + 60_010, input: 'else' },
      );
      const first = { fromMs: NOW, toMs: NOW + 1 };
      const filters = [first, { name: 'agent/guide' }, { session: 's1' }, { user: 'u1' }, { tenant: 't1' }, { model: 'gpt-4o' }, { status: 'error' as const }];
      for (const filter of [...filters, { minDurationMs: 5000 }, { kind: 'agent' as const }, { text: '서울의' }, { text: '100% WRONG_' }, { text: 'GPT-4' }])
        expect(
          (await traces.listTraces(filter)).items.map((trace) => trace.name),
          JSON.stringify(filter),
        ).toEqual(['agent/guide']);
      expect((await traces.listTraces({ model: 'GPT-4o' })).items).toEqual([]);
      expect((await traces.listTraces({ model: 'gpt-4' })).items).toEqual([]);
      for (const text of ['100%x', 'wrong-', '%%', 'nowhere']) expect((await traces.listTraces({ text })).items).toEqual([]);
    });

    it('sums up sessions, the one with the newest trace first', async () => {
      for (const [index, session] of ['a', 'b', 'a', 'c'].entries())
        await record({
          traceId: String(index).repeat(32),
          session,
          startMs: NOW + index,
          usage: usage(1, 2),
          costNanoUsd: 5,
          status: index === 0 ? 'error' : 'ok',
        });

      const page = await traces.listSessions({ limit: 2 });
      const rest = await traces.listSessions({ limit: 2, cursor: page.nextCursor ?? '' });

      expect(page.items.map((session) => session.session)).toEqual(['c', 'a']);
      expect(page.items[1]).toMatchObject({ traces: 2, errors: 1, firstMs: NOW, lastMs: NOW + 2, usage: usage(2, 4), costNanoUsd: 10 });
      expect(rest).toMatchObject({ items: [{ session: 'b' }], nextCursor: null });
    });

    it('gives counts, tokens and percentiles per bucket', async () => {
      const spans = Array.from({ length: 100 }, (_, index) => ({
        traceId: index.toString(16).padStart(32, 'a'),
        startMs: NOW + index * 10,
        endMs: NOW + index * 10 + index + 1,
        usage: usage(1),
        status: index < 10 ? ('error' as const) : ('ok' as const),
        attributes: { ttftMs: 7 },
      }));
      await record(...spans);

      const overview = await traces.overview({ fromMs: NOW, toMs: NOW + 1000, buckets: 4 });

      expect(overview.requests).toEqual({ total: 100, perSecond: 100, series: [25, 25, 25, 25] });
      expect(overview.errors).toEqual({ total: 10, rate: 0.1, series: [10, 0, 0, 0] });
      expect(overview.latency).toEqual({ p50Ms: 50, p95Ms: 95, series: [24, 49, 74, 99] });
      expect(overview.ttft).toMatchObject({ p50Ms: 7, p95Ms: 7 });
      expect(overview.tokens).toMatchObject({ total: usage(100), series: [25, 25, 25, 25] });
    });

    it('tells the share of the prompt that came out of a prefix cache', async () => {
      await record({ usage: { inputTokens: 25, cacheReadTokens: 75, cacheWriteTokens: 0, outputTokens: 9, reasoningTokens: 0 } });

      expect((await traces.overview({ fromMs: NOW, toMs: NOW + 1000, buckets: 2 })).hits).toEqual([0.75, null]);
    });

    it('keeps a score beside its trace and replaces it under the same id', async () => {
      await record({});
      const kept = await traces.addScore({ tenant: 'default', name: 'helpful', value: 0.5, traceId: 'a'.repeat(32), source: 'person' });
      await traces.addScore({ ...kept, tenant: 'default', value: 1, comment: 'better' });
      await traces.addScore({ tenant: 'other', name: 'spam', value: 0, traceId: 'a'.repeat(32) });

      expect((await traces.getTrace('a'.repeat(32)))?.scores).toEqual([{ ...kept, value: 1, comment: 'better' }]);
    });

    it('deletes traces past their age with their spans and scores, and only those', async () => {
      const kept = { traceId: 'b'.repeat(32), startMs: NOW + 1e10, endMs: NOW + 1e10 };
      await record({}, kept);
      // What comes later moves the spans of a trace into rows of their own.
      await record({ spanId: '2'.repeat(16) }, { ...kept, spanId: '2'.repeat(16) });
      await traces.addScore({ tenant: 'default', name: 'q', value: 1, traceId: 'a'.repeat(32) });
      await clock.advance(86_400_000);

      await expect
        .poll(async () => {
          await clock.advance(10 * 60_000);
          return (await traces.listTraces({})).items.map((trace) => trace.traceId);
        })
        .toEqual(['b'.repeat(32)]);

      expect(await traces.sweep()).toBe(0);
      expect(await opened.store.db.selectFrom('score').selectAll().execute()).toEqual([]);
      expect(await opened.store.db.selectFrom('trace').select('trace_id').execute()).toEqual([{ trace_id: kept.traceId }]);
      expect(await opened.store.db.selectFrom('span').select('trace_id').distinct().execute()).toEqual([{ trace_id: kept.traceId }]);
    });

    it('stands two processes that settle the same traces at once', async () => {
      const otherSpool = openSpool({ path: join(folder, 'other'), log: silentLog });
      const other = createTraces({
        store: opened.store,
        spool: otherSpool,
        clock,
        ids: createSeededIds(2),
        log: silentLog,
        captureContent: true,
        retentionMs: 1e12,
      });
      for (let index = 0; index < 300; index += 1) {
        const traceId = String(index % 30).padStart(32, '0');
        const spanId = String(Math.floor(index / 30)).padStart(16, '0');
        const inOrder = [traces, other];
        for (const room of index % 2 === 0 ? inOrder : inOrder.reverse())
          room.record(aSpan({ traceId, spanId: room === traces ? spanId : `f${spanId.slice(1)}`, usage: usage(1), parentSpanId: null, attributes: { index } }));
        other.record(aSpan({ traceId, spanId, model: 'sim-8b', usage: usage(1) }));
      }

      await Promise.all([traces.flush(), other.flush()]);

      const page = await traces.listTraces({ limit: 100 });
      expect(page.items.map((trace) => [trace.spans, trace.usage.inputTokens, trace.model])).toEqual(Array.from({ length: 30 }, () => [20, 20, 'sim-8b']));
      await other.close();
      await otherSpool.close();
    });

    it('keeps text that a database would refuse', async () => {
      await record({ name: 'nul \u0000 inside', statusMessage: '\u0000', session: '\ud800', attributes: { 'k\u0000': '\u0000' }, input: '\u0000' });

      expect((await traces.getTrace('a'.repeat(32)))?.spans).toMatchObject([{ name: 'nul \uFFFD inside' }]);
    });
  });
}
