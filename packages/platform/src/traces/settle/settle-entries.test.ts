import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import type { SpanPatch, TraceEntry } from '../entry.ts';
import { decodeOwnSpans } from './own-spans.ts';
import { settleEntries } from './settle-entries.ts';

const patch: fc.Arbitrary<SpanPatch> = fc
  .record(
    {
      trace: fc.nat(3),
      span: fc.nat(5),
      parent: fc.option(fc.nat(5), { nil: undefined }),
      start: fc.nat(1000),
      length: fc.option(fc.nat(500), { nil: undefined }),
      kind: fc.constantFrom('gateway', 'route', 'engine', 'other'),
      status: fc.constantFrom('ok', 'error', 'unset'),
      model: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      session: fc.option(fc.constantFrom('s1', 's\u0000'), { nil: undefined }),
      cost: fc.option(fc.nat(1000), { nil: undefined }),
      tokens: fc.option(fc.nat(1000), { nil: undefined }),
      input: fc.option(fc.string({ maxLength: 5 }), { nil: undefined }),
    },
    { noNullPrototype: true },
  )
  .map(
    (drawn) =>
      ({
        tenant: 'default',
        traceId: `trace-${drawn.trace}`,
        spanId: `span-${drawn.trace}-${drawn.span}`,
        parentSpanId: drawn.parent === undefined ? null : `span-${drawn.trace}-${drawn.parent}`,
        name: `name-${drawn.span}`,
        kind: drawn.kind,
        status: drawn.status,
        startMs: 1000 + drawn.start,
        atMs: 1000 + drawn.start,
        endMs: drawn.length === undefined ? null : 1000 + drawn.start + drawn.length,
        costNanoUsd: drawn.cost ?? null,
        attributes: { span: drawn.span },
        ...(drawn.model === undefined ? {} : { model: drawn.model }),
        ...(drawn.session === undefined ? {} : { session: drawn.session }),
        ...(drawn.input === undefined ? {} : { input: drawn.input }),
        ...(drawn.tokens === undefined
          ? {}
          : { usage: { inputTokens: drawn.tokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 } }),
      }) as SpanPatch,
  );

async function openEmpty(): Promise<Store> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  return store;
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
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(patch, { selector: (span) => span.spanId, maxLength: 12 }), async (patches) => {
        const [whole, apart] = [await openEmpty(), await openEmpty()];
        await settleEntries(whole, spansOf(patches));
        for (const entry of spansOf(patches)) await settleEntries(apart, [entry]);
        const expected = await contents(apart);

        expect(await contents(whole)).toEqual(expected);
        await settleEntries(whole, spansOf(patches));
        expect(await contents(whole)).toEqual(expected);
        await whole.close();
        await apart.close();
      }),
      { numRuns: 25 },
    );
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
