import type { Span } from '@maru/api/records';

/** A span at its depth, in the order in which a person reads a trace. */
export interface SpanRow {
  readonly span: Span;
  readonly depth: number;
  readonly children: number;
}

/** Children under their parents by start time; spans whose parent is missing stand at the top, so that nothing is hidden. */
export function spanRows(spans: readonly Span[], collapsed: ReadonlySet<string> = new Set()): readonly SpanRow[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const byParent = new Map<string | null, Span[]>();
  for (const span of spans.toSorted((left, right) => left.startMs - right.startMs)) {
    const parent = span.parentSpanId !== null && span.parentSpanId !== span.spanId && ids.has(span.parentSpanId) ? span.parentSpanId : null;
    byParent.set(parent, [...(byParent.get(parent) ?? []), span]);
  }
  const rows: SpanRow[] = [];
  const seen = new Set<string>();
  const visit = (parent: string | null, depth: number): void => {
    for (const span of byParent.get(parent) ?? []) {
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      rows.push({ span, depth, children: byParent.get(span.spanId)?.length ?? 0 });
      if (!collapsed.has(span.spanId)) visit(span.spanId, depth + 1);
    }
  };
  visit(null, 0);
  const hidden = (span: Span): boolean => {
    for (let parent = span.parentSpanId, steps = 0; parent !== null && steps < spans.length; steps += 1) {
      if (collapsed.has(parent)) return true;
      parent = spans.find((candidate) => candidate.spanId === parent)?.parentSpanId ?? null;
    }
    return false;
  };
  for (const span of spans) if (!seen.has(span.spanId) && !hidden(span)) rows.push({ span, depth: 0, children: 0 });
  return rows;
}

/** Begin and end of the whole trace; an open span ends where the last known moment is. */
export function traceBounds(spans: readonly Span[]): { readonly startMs: number; readonly endMs: number } {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs ?? span.startMs), startMs + 1);
  return { startMs, endMs };
}
