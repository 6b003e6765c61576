import { addUsage, type Span, type Usage, ZERO_USAGE } from '@maru/api/records';
import type { TraceGiven } from '../entry.ts';
import type { SpanFacts } from './span-facts.ts';

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
 * figure, because a gateway or an agent repeats what its engine calls have used. The spans must be in the order of their start.
 */
export function summariseTrace(given: TraceGiven, inOrder: readonly SpanFacts[], fallbackStartUs: number): TraceFacts {
  const parents = parentsOf(inOrder);
  // The parent of a top span may live in the caller's own tracing system.
  const roots = inOrder.filter((_, index) => parents[index] === NONE);
  const failed = roots.find((span) => span.status === 'error');
  const startUs = Math.min(
    inOrder[0]?.startUs ?? Number.POSITIVE_INFINITY,
    given.startMs === undefined ? Number.POSITIVE_INFINITY : Math.round(given.startMs * 1000),
  );
  const start = Number.isFinite(startUs) ? startUs : fallbackStartUs;
  const endUs = latestEnd(inOrder);
  const { usage, model } = usageOf(inOrder, parents);
  return {
    name: given.name ?? (roots[0] ?? inOrder[0])?.name ?? 'unnamed',
    startUs: start,
    endUs,
    durationUs: endUs === null || roots.some((span) => span.endUs === null) ? null : Math.max(0, endUs - start),
    ttftUs: inOrder.find((span) => span.ttftUs !== null)?.ttftUs ?? null,
    status: failed !== undefined ? 'error' : roots.some((span) => span.status === 'ok') ? 'ok' : 'unset',
    statusMessage: failed?.statusMessage ?? null,
    session: given.session ?? inOrder.find((span) => span.session !== null)?.session ?? null,
    user: given.user ?? inOrder.find((span) => span.user !== null)?.user ?? null,
    model: model ?? inOrder.find((span) => span.model !== null)?.model ?? null,
    spans: inOrder.length,
    usage,
    costNanoUsd: costOf(inOrder, parents),
  };
}

const NONE = -1;
/** Traces up to this size are searched through instead of being indexed. */
const FEW_SPANS = 16;

/** Where the parent of each span stands; {@link NONE} where it is not one of them. */
function parentsOf(spans: readonly SpanFacts[]): readonly number[] {
  if (spans.length <= FEW_SPANS)
    return spans.map(({ parentSpanId }) => (parentSpanId === null ? NONE : spans.findLastIndex((span) => span.spanId === parentSpanId)));
  const places = new Map(spans.map((span, index) => [span.spanId, index]));
  return spans.map(({ parentSpanId }) => (parentSpanId === null ? NONE : (places.get(parentSpanId) ?? NONE)));
}

function latestEnd(spans: readonly SpanFacts[]): number | null {
  let latest: number | null = null;
  for (const { endUs } of spans) if (endUs !== null && (latest === null || endUs > latest)) latest = endUs;
  return latest;
}

/** What the engines have used, and the first model of them. */
function usageOf(spans: readonly SpanFacts[], parents: readonly number[]): { readonly usage: Usage; readonly model: string | null } {
  const covered = coveredSpans(spans, parents, (span) => span.usage !== undefined);
  let sum: Usage | undefined;
  let model: string | null = null;
  for (const [index, span] of spans.entries()) {
    if (span.usage === undefined || covered[index] === true) continue;
    sum = sum === undefined ? span.usage : addUsage(sum, span.usage);
    model ??= span.model;
  }
  return { usage: sum ?? ZERO_USAGE, model };
}

/** Sum of the prices that are known; null where none is. */
function costOf(spans: readonly SpanFacts[], parents: readonly number[]): number | null {
  const covered = coveredSpans(spans, parents, (span) => span.costNanoUsd !== null);
  let sum: number | null = null;
  for (const [index, span] of spans.entries()) if (span.costNanoUsd !== null && covered[index] !== true) sum = (sum ?? 0) + span.costNanoUsd;
  return sum;
}

/** Which spans have a span with a figure below them. Every span is walked over once, even in a circle of parents. */
function coveredSpans(spans: readonly SpanFacts[], parents: readonly number[], has: (span: SpanFacts) => boolean): readonly boolean[] {
  const covered = spans.map(() => false);
  for (const [index, span] of spans.entries()) {
    if (!has(span)) continue;
    let parent = parents[index] ?? NONE;
    while (parent !== NONE && parent !== index && covered[parent] !== true) {
      covered[parent] = true;
      parent = parents[parent] ?? NONE;
    }
  }
  return covered;
}
