import { type Span, ZERO_USAGE } from '@maru/api/records';
import type { TraceSummary } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { costOfTrace } from './trace-cost.ts';

const summary = (costNanoUsd: number | null): TraceSummary => ({
  traceId: 't',
  name: 'chat',
  startMs: 0,
  durationMs: 10,
  status: 'ok',
  statusMessage: null,
  tenant: 'default',
  session: null,
  user: null,
  model: 'm',
  spans: 1,
  usage: ZERO_USAGE,
  costNanoUsd,
});
const span = (parentSpanId: string | null, endMs: number | null): Span => ({
  traceId: 't',
  spanId: 's',
  parentSpanId,
  name: 'chat',
  kind: 'gateway',
  startMs: 0,
  endMs,
  status: 'ok',
  tenant: 'default',
  attributes: {},
});

describe('costOfTrace', () => {
  it('is the sum of the trace when its first span has ended', () => {
    expect(costOfTrace({ summary: summary(42), spans: [span(null, 10)] })).toEqual({ settled: true, costNanoUsd: 42 });
  });

  it('is unknown where there is no price', () => {
    expect(costOfTrace({ summary: summary(null), spans: [span(null, 10)] })).toEqual({ settled: true, costNanoUsd: null });
  });

  it('waits while the first span is open or not written yet', () => {
    expect(costOfTrace({ summary: summary(42), spans: [span(null, null)] })).toEqual({ settled: false });
    expect(costOfTrace({ summary: summary(42), spans: [span('parent', 10)] })).toEqual({ settled: false });
  });
});
