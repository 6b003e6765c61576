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
  const top = readTop(inOrder, parents);
  const said = readFirst(inOrder);
  const { usage, model } = usageOf(inOrder, parents);
  const startUs = Math.min(
    inOrder[0]?.startUs ?? Number.POSITIVE_INFINITY,
    given.startMs === undefined ? Number.POSITIVE_INFINITY : Math.round(given.startMs * 1000),
  );
  const start = Number.isFinite(startUs) ? startUs : fallbackStartUs;
  return {
    name: given.name ?? (top.first ?? inOrder[0])?.name ?? 'unnamed',
    startUs: start,
    endUs: said.endUs,
    durationUs: said.endUs === null || top.open ? null : Math.max(0, said.endUs - start),
    ttftUs: said.ttftUs,
    status: top.failed !== undefined ? 'error' : top.ok ? 'ok' : 'unset',
    statusMessage: top.failed?.statusMessage ?? null,
    session: given.session ?? said.session,
    user: given.user ?? said.user,
    model: model ?? said.model,
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
  const places = spans.length > FEW_SPANS ? new Map(spans.map((span, index) => [span.spanId, index])) : undefined;
  const parents: number[] = [];
  for (const { parentSpanId } of spans)
    parents.push(parentSpanId === null ? NONE : places === undefined ? placeOf(spans, parentSpanId) : (places.get(parentSpanId) ?? NONE));
  return parents;
}

function placeOf(spans: readonly SpanFacts[], spanId: string): number {
  for (let index = 0; index < spans.length; index += 1) if (spans[index]?.spanId === spanId) return index;
  return NONE;
}

interface Top {
  readonly first: SpanFacts | undefined;
  readonly failed: SpanFacts | undefined;
  readonly ok: boolean;
  readonly open: boolean;
}

/** What the top spans say. The parent of a top span may live in the caller's own tracing system. */
function readTop(inOrder: readonly SpanFacts[], parents: readonly number[]): Top {
  let first: SpanFacts | undefined;
  let failed: SpanFacts | undefined;
  let ok = false;
  let open = false;
  for (let index = 0; index < inOrder.length; index += 1) {
    const span = inOrder[index];
    if (span === undefined || parents[index] !== NONE) continue;
    first ??= span;
    if (span.status === 'error') failed ??= span;
    if (span.status === 'ok') ok = true;
    if (span.endUs === null) open = true;
  }
  return { first, failed, ok, open };
}

/** What the first span says that says something of it, and the last end. */
function readFirst(inOrder: readonly SpanFacts[]): Pick<SpanFacts, 'endUs' | 'ttftUs' | 'session' | 'user' | 'model'> {
  let endUs: number | null = null;
  let ttftUs: number | null = null;
  let session: string | null = null;
  let user: string | null = null;
  let model: string | null = null;
  for (const span of inOrder) {
    if (span.endUs !== null && (endUs === null || span.endUs > endUs)) endUs = span.endUs;
    ttftUs ??= span.ttftUs;
    session ??= span.session;
    user ??= span.user;
    model ??= span.model;
  }
  return { endUs, ttftUs, session, user, model };
}

/** What the engines have used, and the first model of them. */
function usageOf(spans: readonly SpanFacts[], parents: readonly number[]): { readonly usage: Usage; readonly model: string | null } {
  const covered = coveredSpans(spans, parents, hasUsage);
  let sum: Usage | undefined;
  let model: string | null = null;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    if (span?.usage === undefined || covered[index] === true) continue;
    sum = sum === undefined ? span.usage : addUsage(sum, span.usage);
    model ??= span.model;
  }
  return { usage: sum ?? ZERO_USAGE, model };
}

/** Sum of the prices that are known; null where none is. */
function costOf(spans: readonly SpanFacts[], parents: readonly number[]): number | null {
  const covered = coveredSpans(spans, parents, hasCost);
  let sum: number | null = null;
  for (let index = 0; index < spans.length; index += 1) {
    const cost = spans[index]?.costNanoUsd ?? null;
    if (cost !== null && covered[index] !== true) sum = (sum ?? 0) + cost;
  }
  return sum;
}

const hasUsage = (span: SpanFacts): boolean => span.usage !== undefined;
const hasCost = (span: SpanFacts): boolean => span.costNanoUsd !== null;

/** Which spans have a span with a figure below them. Every span is walked over once, even in a circle of parents. */
function coveredSpans(spans: readonly SpanFacts[], parents: readonly number[], has: (span: SpanFacts) => boolean): readonly boolean[] {
  const covered: boolean[] = [];
  for (let index = 0; index < spans.length; index += 1) covered.push(false);
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    if (span === undefined || !has(span)) continue;
    let parent = parents[index] ?? NONE;
    while (parent !== NONE && parent !== index && covered[parent] !== true) {
      covered[parent] = true;
      parent = parents[parent] ?? NONE;
    }
  }
  return covered;
}
