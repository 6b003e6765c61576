import { addUsage, type Span, type Usage, ZERO_USAGE } from '@maru/api/records';
import type { TraceGiven } from '../entry.ts';

/** What the summary of a trace needs to know of a span. */
export interface SpanFacts {
  readonly spanId: string;
  readonly kind: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number | null;
  readonly ttftUs: number | null;
  readonly status: Span['status'];
  readonly statusMessage: string | null;
  readonly session: string | null;
  readonly user: string | null;
  readonly model: string | null;
  readonly usage: Usage | undefined;
  readonly costNanoUsd: number | null;
}

export interface TraceFacts {
  readonly name: string;
  readonly startUs: number;
  readonly endUs: number | null;
  /** Null while a top span is open. */
  readonly durationUs: number | null;
  readonly ttftUs: number | null;
  readonly status: Span['status'];
  readonly statusMessage: string | null;
  readonly session: string | null;
  readonly user: string | null;
  readonly model: string | null;
  readonly spans: number;
  readonly usage: Usage;
  /** Sum of what is known; null when no span has a price. */
  readonly costNanoUsd: number | null;
}

/**
 * The totals of a trace. Tokens and money are counted once: a span counts only when nothing below it has its own
 * figure, because a gateway or an agent repeats what its engine calls have used.
 */
export function summariseTrace(given: TraceGiven, spans: readonly SpanFacts[], fallbackStartUs: number): TraceFacts {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  // Spans that start at once are ordered by their ids, so that the same spans always say the same.
  const inOrder = [...spans].sort((left, right) => left.startUs - right.startUs || (left.spanId < right.spanId ? -1 : 1));
  // The parent of a top span may live in the caller's own tracing system.
  const roots = inOrder.filter((span) => span.parentSpanId === null || !byId.has(span.parentSpanId));
  const first = roots[0] ?? inOrder[0];
  const counted = withoutCovered(inOrder, byId, (span) => span.usage !== undefined);
  const priced = withoutCovered(inOrder, byId, (span) => span.costNanoUsd !== null);
  const failed = roots.find((span) => span.status === 'error');
  const startUs = Math.min(...earliest(inOrder), given.startMs === undefined ? Number.POSITIVE_INFINITY : Math.round(given.startMs * 1000));
  const ends = spans.flatMap((span) => (span.endUs === null ? [] : [span.endUs]));
  const endUs = ends.length === 0 ? null : ends.reduce((left, right) => Math.max(left, right));
  const start = Number.isFinite(startUs) ? startUs : fallbackStartUs;
  return {
    name: given.name ?? first?.name ?? 'unnamed',
    startUs: start,
    endUs,
    durationUs: endUs === null || roots.some((span) => span.endUs === null) ? null : Math.max(0, endUs - start),
    ttftUs: inOrder.find((span) => span.ttftUs !== null)?.ttftUs ?? null,
    status: failed !== undefined ? 'error' : roots.some((span) => span.status === 'ok') ? 'ok' : 'unset',
    statusMessage: failed?.statusMessage ?? null,
    session: given.session ?? inOrder.find((span) => span.session !== null)?.session ?? null,
    user: given.user ?? inOrder.find((span) => span.user !== null)?.user ?? null,
    model: (counted.find((span) => span.model !== null) ?? inOrder.find((span) => span.model !== null))?.model ?? null,
    spans: spans.length,
    usage: counted.reduce((sum, span) => addUsage(sum, span.usage ?? ZERO_USAGE), ZERO_USAGE),
    costNanoUsd: priced.length === 0 ? null : priced.reduce((sum, span) => sum + (span.costNanoUsd ?? 0), 0),
  };
}

const earliest = (inOrder: readonly SpanFacts[]): readonly number[] => (inOrder[0] === undefined ? [] : [inOrder[0].startUs]);

/** The spans with a figure that have no span with a figure below them. Every span is walked over once, even in a circle of parents. */
function withoutCovered(spans: readonly SpanFacts[], byId: ReadonlyMap<string, SpanFacts>, has: (span: SpanFacts) => boolean): readonly SpanFacts[] {
  const covered = new Set<string>();
  for (const span of spans) {
    if (!has(span)) continue;
    let parentId = span.parentSpanId;
    while (parentId !== null && parentId !== span.spanId && !covered.has(parentId)) {
      covered.add(parentId);
      parentId = byId.get(parentId)?.parentSpanId ?? null;
    }
  }
  return spans.filter((span) => has(span) && !covered.has(span.spanId));
}
