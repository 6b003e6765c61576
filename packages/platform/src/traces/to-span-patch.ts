import type { Span } from '@maru/api/records';
import type { SpanPatch } from './entry.ts';

/** Attribute of a span that holds its time to first token, in milliseconds. */
export const TTFT_ATTRIBUTE = 'ttftMs';

/** A whole span as the message that says all of it. */
export function toSpanPatch(span: Span, nowMs: number): SpanPatch {
  const ttftMs = span.attributes[TTFT_ATTRIBUTE];
  return { ...span, atMs: nowMs, ...(typeof ttftMs === 'number' && Number.isFinite(ttftMs) ? { ttftMs } : {}) };
}
