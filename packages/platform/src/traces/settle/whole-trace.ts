import type { SpanPatch, TraceGiven } from '../entry.ts';
import { LIMITS } from '../limits.ts';
import { packSpans, unpackSpans } from './packed-spans.ts';
import type { TraceRow } from './tables.ts';
import { parseValue } from './text.ts';
import { contentsOf } from './trace-contents.ts';
import { toTraceRow } from './trace-row.ts';

/** Spans of one trace that came together, as the row that they become when nothing else is known of the trace. */
export interface WholeTrace {
  readonly tenant: string;
  readonly traceId: string;
  /** All of the row but the spans. */
  readonly row: TraceRow;
  /** The spans as `packSpans` makes them. */
  readonly spans: string;
}

interface WholeSource {
  readonly tenant: string;
  readonly traceId: string;
  /** At least one, each once. */
  readonly spans: readonly SpanPatch[];
  readonly given: TraceGiven;
}

export function toWholeTrace({ tenant, traceId, spans, given }: WholeSource): WholeTrace {
  const contents = contentsOf(spans);
  return {
    tenant,
    traceId,
    row: toTraceRow({ tenant, traceId, given, contents, atMs: spans[0]?.atMs ?? 0 }),
    spans: packSpans(spans, contents.spans),
  };
}

/** Spans of one request are few; more than these are settled one by one. */
const MANY_SPANS = 16;

/** Spans that each say all of themselves as one trace; undefined where they are not of one trace, each once, or too long for a record. */
export function asWholeTrace(spans: readonly SpanPatch[]): WholeTrace | undefined {
  const first = spans[0];
  if (first === undefined || spans.length > MANY_SPANS) return undefined;
  if (!isOneTrace(spans, first)) return undefined;
  const { tenant, traceId } = first;
  const whole = toWholeTrace({ tenant, traceId, spans, given: {} });
  return whole.spans.length > LIMITS.spoolRecordLength ? undefined : whole;
}

function isOneTrace(spans: readonly SpanPatch[], { tenant, traceId }: SpanPatch): boolean {
  const seen: string[] = [];
  for (const span of spans) {
    if (span.tenant !== tenant || span.traceId !== traceId || seen.includes(span.spanId)) return false;
    seen.push(span.spanId);
  }
  return true;
}

/** The spans of a trace of which every span said all: when it began, above all. */
export const spansOfWhole = (whole: WholeTrace): readonly SpanPatch[] => unpackSpans(parseValue(whole.spans), whole);
