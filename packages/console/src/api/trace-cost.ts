import type { TraceDetail } from '@maru/api/wire';

type TraceCost = { readonly settled: false } | { readonly settled: true; readonly costNanoUsd: number | null };

/** The sum counts only when the first span has ended: before, parts of the answer may still be on their way. */
export function costOfTrace({ summary, spans }: Pick<TraceDetail, 'summary' | 'spans'>): TraceCost {
  const ended = spans.some((span) => span.parentSpanId === null && span.endMs !== null);
  return ended ? { settled: true, costNanoUsd: summary.costNanoUsd } : { settled: false };
}
