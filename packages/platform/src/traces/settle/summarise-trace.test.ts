import { addUsage, ZERO_USAGE } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inStartOrder, type SpanFacts } from './span-facts.ts';
import { summariseTrace } from './summarise-trace.ts';

const facts = (fields: Partial<SpanFacts>): SpanFacts => ({
  spanId: 'root',
  kind: 'other',
  parentSpanId: null,
  name: 'root',
  startUs: 1000,
  endUs: 2000,
  ttftUs: null,
  status: 'unset',
  statusMessage: null,
  session: null,
  user: null,
  model: null,
  usage: undefined,
  costNanoUsd: null,
  ...fields,
});
const used = (inputTokens: number) => ({ ...ZERO_USAGE, inputTokens });

describe('the summary of a trace', () => {
  it('is about its top span', () => {
    const summary = summariseTrace(
      {},
      [facts({ status: 'ok' }), facts({ spanId: 'tool', parentSpanId: 'root', status: 'error', startUs: 1100, endUs: 1500 })],
      0,
    );

    expect(summary).toMatchObject({ name: 'root', startUs: 1000, endUs: 2000, durationUs: 1000, status: 'ok', statusMessage: null, spans: 2 });
  });

  it('takes a span for the top whose parent lives elsewhere', () => {
    const summary = summariseTrace({}, [facts({ parentSpanId: 'in-the-client', status: 'error', statusMessage: 'cut' })], 0);

    expect(summary).toMatchObject({ name: 'root', status: 'error', statusMessage: 'cut' });
  });

  it('has no duration while its top span is open', () => {
    expect(summariseTrace({}, [facts({ endUs: null }), facts({ spanId: 'a', parentSpanId: 'root' })], 0)).toMatchObject({ durationUs: null, endUs: 2000 });
  });

  it('prefers what the client said of the trace', () => {
    const summary = summariseTrace({ name: 'given', session: 's', user: 'u', startMs: 0.5 }, [facts({ session: 'other', user: 'other' })], 0);

    expect(summary).toMatchObject({ name: 'given', session: 's', user: 'u', startUs: 500, durationUs: 1500 });
  });

  it('counts a retried call twice and the gateway above it not at all', () => {
    const spans = [
      facts({ usage: used(5), costNanoUsd: 50 }),
      facts({ spanId: 'route', parentSpanId: 'root' }),
      facts({ spanId: 'first', parentSpanId: 'route', usage: used(2), costNanoUsd: null }),
      facts({ spanId: 'second', parentSpanId: 'route', usage: used(3), costNanoUsd: 30 }),
    ];

    expect(summariseTrace({}, inStartOrder(spans), 0)).toMatchObject({ usage: used(5), costNanoUsd: 30 });
  });

  it('has no price when no span has one, instead of none to pay', () => {
    expect(summariseTrace({}, [facts({ usage: used(5) })], 0).costNanoUsd).toBeNull();
  });

  it('stands also without spans', () => {
    expect(summariseTrace({ name: 'announced' }, [], 77)).toMatchObject({ name: 'announced', startUs: 77, durationUs: null, spans: 0, costNanoUsd: null });
  });

  it('does not depend on the order of arrival, ends for circles of parents, and never counts more than all spans', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const span = fc.record({
      parentSpanId: fc.option(fc.constantFrom(...ids, 'elsewhere')),
      startUs: fc.nat(1000),
      tokens: fc.option(fc.nat(100)),
      costNanoUsd: fc.option(fc.nat(1000)),
    });
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (drawn) => {
        // One start each: between equals the order of arrival may decide.
        const spans = drawn.map((part, index) =>
          facts({ ...part, spanId: ids[index] ?? '', startUs: part.startUs * 10 + index, usage: part.tokens === null ? undefined : used(part.tokens) }),
        );

        const summary = summariseTrace({}, inStartOrder(spans), 0);

        expect(summariseTrace({}, inStartOrder([...spans].reverse()), 0)).toEqual(summary);
        const all = spans.reduce((sum, part) => addUsage(sum, part.usage ?? ZERO_USAGE), ZERO_USAGE);
        expect(summary.usage.inputTokens).toBeLessThanOrEqual(all.inputTokens);
      }),
    );
  });

  it('reads spans by their start, then by their id, however many there are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40), { maxLength: 20 }), (numbers) => {
        const spans = numbers.map((number) => facts({ spanId: String(number).padStart(2, '0'), startUs: Math.floor(number / 4) }));

        expect(inStartOrder(spans).map(({ spanId }) => Number(spanId))).toEqual([...numbers].sort((left, right) => left - right));
      }),
    );
  });

  it('counts every leaf of a tree exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }), (parents) => {
        const spans = parents.map((parent, index) =>
          facts({ spanId: String(index), parentSpanId: index === 0 ? null : String(parent % index), usage: used(1 + index) }),
        );
        const inner = new Set(spans.map((span) => span.parentSpanId));
        const leaves = spans.filter((span) => !inner.has(span.spanId)).reduce((sum, span) => sum + (span.usage?.inputTokens ?? 0), 0);

        expect(summariseTrace({}, inStartOrder(spans), 0).usage.inputTokens).toBe(leaves);
      }),
    );
  });
});
