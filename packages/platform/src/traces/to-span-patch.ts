import type { Span } from '@maru/api/records';
import type { SpanPatch } from './entry.ts';

/** Attribute of a span that holds its time to first token, in milliseconds. */
export const TTFT_ATTRIBUTE = 'ttftMs';

/** A whole span as the message that says all of it. Field by field: copies of spans of many shapes cost several times as much. */
export function toSpanPatch(span: Span, nowMs: number): SpanPatch {
  const ttftMs = span.attributes[TTFT_ATTRIBUTE];
  return {
    tenant: span.tenant,
    traceId: span.traceId,
    spanId: span.spanId,
    atMs: nowMs,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    startMs: span.startMs,
    endMs: span.endMs,
    ttftMs: typeof ttftMs === 'number' && Number.isFinite(ttftMs) ? ttftMs : undefined,
    status: span.status,
    statusMessage: span.statusMessage,
    session: span.session,
    user: span.user,
    model: span.model,
    usage: span.usage,
    costNanoUsd: span.costNanoUsd,
    input: span.input,
    output: span.output,
    attributes: span.attributes,
  };
}
