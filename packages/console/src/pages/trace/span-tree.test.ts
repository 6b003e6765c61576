import type { Span } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { spanRows, traceBounds } from './span-tree.ts';

const span = (spanId: string, parentSpanId: string | null, startMs: number, endMs: number | null = startMs + 10): Span => ({
  traceId: 't',
  spanId,
  parentSpanId,
  name: spanId,
  kind: 'other',
  startMs,
  endMs,
  status: 'ok',
  tenant: 'default',
  attributes: {},
});

const outline = (spans: readonly Span[], collapsed: ReadonlySet<string> = new Set()): readonly string[] =>
  spanRows(spans, collapsed).map((row) => `${'.'.repeat(row.depth)}${row.span.spanId}`);

describe('spanRows', () => {
  it('puts children under their parents in the order of their start', () => {
    expect(outline([span('c', 'a', 30), span('a', null, 0), span('b', 'a', 10), span('d', 'b', 12)])).toEqual(['a', '.b', '..d', '.c']);
  });

  it('shows spans whose parent is missing, and those that point at each other in a circle', () => {
    expect(outline([span('a', 'gone', 0), span('self', 'self', 5)])).toEqual(['a', 'self']);
    expect(outline([span('x', 'y', 0), span('y', 'x', 1), span('z', null, 2)])).toEqual(['z', 'x', 'y']);
  });

  it('hides what is below a collapsed span', () => {
    expect(outline([span('a', null, 0), span('b', 'a', 1), span('c', null, 2)], new Set(['a']))).toEqual(['a', 'c']);
  });
});

describe('traceBounds', () => {
  it('reaches from the first start to the last end, also while a span is open', () => {
    expect(traceBounds([span('a', null, 100, null), span('b', 'a', 120, 180)])).toEqual({ startMs: 100, endMs: 180 });
    expect(traceBounds([span('a', null, 100, null)])).toEqual({ startMs: 100, endMs: 101 });
  });
});
