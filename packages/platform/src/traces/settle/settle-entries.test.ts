import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { spanArbitrary } from '../__fixtures__/span-arbitrary.ts';
import type { SpanPatch, TraceEntry } from '../entry.ts';
import { decodeOwnSpans } from './own-spans.ts';
import type { QueuedEntry } from './queued-entry.ts';
import { settleEntries } from './settle-entries.ts';
import { asWholeTrace } from './whole-trace.ts';

async function openEmpty(): Promise<Store> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  return store;
}

/** Empties a store: making one takes a hundred times as long. */
async function clear(store: Store): Promise<void> {
  await store.db.deleteFrom('trace').execute();
  await store.db.deleteFrom('span').execute();
}

/** Traces and spans, wherever the spans stand. */
async function contents(store: Store) {
  const traces = await store.db.selectFrom('trace').selectAll().orderBy('trace_id').execute();
  const rows = await store.db.selectFrom('span').selectAll().execute();
  const spans = [...rows, ...traces.flatMap(decodeOwnSpans)].map((span) => ({ ...span, key: `${span.trace_id} ${span.span_id}` }));
  return { traces: traces.map(({ own_spans: _, ...trace }) => trace), spans: spans.sort((left, right) => (left.key < right.key ? -1 : 1)) };
}

const spansOf = (patches: readonly SpanPatch[]): TraceEntry[] => patches.map((span) => ({ type: 'span', span }));

describe('settling', () => {
  it('leaves the same, whether a trace comes at once or span by span, and when it comes twice', async () => {
    const [whole, apart] = [await openEmpty(), await openEmpty()];
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(spanArbitrary, { selector: (span) => span.spanId, maxLength: 12 }), async (patches) => {
        await Promise.all([clear(whole), clear(apart)]);
        await settleEntries(whole, spansOf(patches));
        for (const entry of spansOf(patches)) await settleEntries(apart, [entry]);
        const expected = await contents(apart);

        expect(await contents(whole)).toEqual(expected);
        await settleEntries(whole, spansOf(patches));
        expect(await contents(whole)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
    await whole.close();
    await apart.close();
  });

  it('leaves the same, whatever of it came as whole traces, in one batch or in many', async () => {
    const [queued, apart] = [await openEmpty(), await openEmpty()];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(spanArbitrary, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), fc.boolean(), async (records, together) => {
        await Promise.all([clear(queued), clear(apart)]);
        const entries = records.flatMap((spans): readonly QueuedEntry[] => {
          const whole = asWholeTrace(spans);
          return whole === undefined ? spansOf(spans) : [{ type: 'whole', whole }];
        });
        for (const batch of together ? [entries] : entries.map((entry) => [entry])) await settleEntries(queued, batch);
        for (const entry of spansOf(records.flat())) await settleEntries(apart, [entry]);

        expect(await contents(queued)).toEqual(await contents(apart));
      }),
      { numRuns: 25 },
    );
    await queued.close();
    await apart.close();
  });

  it('keeps a whole trace in one row, until something is said of it later', async () => {
    const store = await openEmpty();
    const span = (spanId: string): SpanPatch => ({ tenant: 'default', traceId: 't', spanId, atMs: 1, kind: 'engine', model: 'a', attributes: { spanId } });
    const rows = async () => (await store.db.selectFrom('span').select('span_id').orderBy('span_id').execute()).map((row) => row.span_id);
    await settleEntries(store, spansOf([span('1'), span('2')]));

    expect(await rows()).toEqual([]);
    expect((await contents(store)).spans).toHaveLength(2);

    await settleEntries(store, [{ type: 'span', span: { ...span('2'), name: 'named later', attributes: { more: true } } }]);

    expect(await rows()).toEqual(['1', '2']);
    const { traces, spans } = await contents(store);
    expect(traces[0]?.spans).toBe(2);
    expect(spans.map(({ name, attributes }) => ({ name, attributes: JSON.parse(attributes) as unknown }))).toEqual([
      { name: 'unnamed', attributes: { spanId: '1' } },
      { name: 'named later', attributes: { spanId: '2', more: true } },
    ]);
    await store.close();
  });

  it('writes traces of any size and number', async () => {
    const store = await openEmpty();
    const of = (trace: number, count: number): SpanPatch[] =>
      Array.from({ length: count }, (_, span) => ({ tenant: 'default', traceId: `t${trace}`, spanId: `${trace}-${span}`, atMs: span, startMs: span }));
    await settleEntries(
      store,
      spansOf([...of(0, 700), ...Array.from({ length: 150 }, (_, trace) => of(trace + 1, 3)).flat(), ...of(999, 127), ...of(998, 128)]),
    );

    const { traces, spans } = await contents(store);

    expect(traces).toHaveLength(153);
    expect(spans).toHaveLength(700 + 450 + 127 + 128);
    expect(traces.find((trace) => trace.trace_id === 't0')?.spans).toBe(700);
    expect(traces.filter((trace) => trace.spans === 3)).toHaveLength(150);
    await store.close();
  });
});
