import { SPAN_KINDS, type Span, type SpanKind, type Usage } from '@maru/api/records';
import type { Selectable } from 'kysely';

import type { SpanPatch } from '../entry.ts';
import { toMs, toUs } from './microseconds.ts';
import type { Tables } from './tables.ts';
import { cleanText, parseObject, parseValue } from './text.ts';

export type SpanRow = Selectable<Tables['span']>;

const KINDS: ReadonlySet<string> = new Set(SPAN_KINDS);
const isKind = (kind: string): kind is SpanKind => KINDS.has(kind);
const isStatus = (status: string): status is Span['status'] => status === 'ok' || status === 'error' || status === 'unset';

/** A merged span as the row of its table. */
export function toSpanRow(span: SpanPatch): SpanRow {
  const text = (value: string | undefined): string | null => (value === undefined ? null : cleanText(value));
  return {
    tenant: cleanText(span.tenant),
    trace_id: cleanText(span.traceId),
    span_id: cleanText(span.spanId),
    parent_span_id: text(span.parentSpanId ?? undefined),
    name: cleanText(span.name ?? 'unnamed'),
    kind: span.kind ?? 'other',
    start_us: toUs(span.startMs ?? span.atMs),
    end_us: span.endMs === undefined || span.endMs === null ? null : toUs(span.endMs),
    ttft_us: span.ttftMs === undefined ? null : toUs(span.ttftMs),
    status: span.status ?? 'unset',
    status_message: text(span.statusMessage),
    session: text(span.session),
    user_id: text(span.user),
    model: text(span.model),
    input_tokens: span.usage?.inputTokens ?? null,
    cache_read_tokens: span.usage?.cacheReadTokens ?? null,
    cache_write_tokens: span.usage?.cacheWriteTokens ?? null,
    output_tokens: span.usage?.outputTokens ?? null,
    reasoning_tokens: span.usage?.reasoningTokens ?? null,
    cost_nano_usd: span.costNanoUsd ?? null,
    input: span.input === undefined ? null : JSON.stringify(span.input),
    output: span.output === undefined ? null : JSON.stringify(span.output),
    attributes: JSON.stringify(span.attributes ?? {}),
  };
}

/** The row of a span as the record that the API shows. */
export function toSpan(row: SpanRow): Span {
  const usage = toUsage(row);
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: row.name,
    kind: isKind(row.kind) ? row.kind : 'other',
    startMs: toMs(row.start_us),
    endMs: row.end_us === null ? null : toMs(row.end_us),
    status: isStatus(row.status) ? row.status : 'unset',
    tenant: row.tenant,
    costNanoUsd: row.cost_nano_usd,
    attributes: parseObject(row.attributes),
    ...(row.status_message === null ? {} : { statusMessage: row.status_message }),
    ...(row.session === null ? {} : { session: row.session }),
    ...(row.user_id === null ? {} : { user: row.user_id }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(usage === undefined ? {} : { usage }),
    ...(row.input === null ? {} : { input: parseValue(row.input) }),
    ...(row.output === null ? {} : { output: parseValue(row.output) }),
  };
}

/** The row of a span as the message that would make it. */
export function fromSpanRow(row: SpanRow): SpanPatch {
  const { name, ...span } = toSpan(row);
  return {
    ...span,
    ...(name === 'unnamed' ? {} : { name }),
    atMs: span.startMs,
    ...(row.ttft_us === null ? {} : { ttftMs: toMs(row.ttft_us) }),
  };
}

type UsageColumns = Pick<SpanRow, 'input_tokens' | 'cache_read_tokens' | 'cache_write_tokens' | 'output_tokens' | 'reasoning_tokens'>;

/** The usage of a row; undefined when it has none. */
export function toUsage(row: UsageColumns): Usage | undefined {
  if (row.input_tokens === null) return undefined;
  return {
    inputTokens: row.input_tokens,
    cacheReadTokens: row.cache_read_tokens ?? 0,
    cacheWriteTokens: row.cache_write_tokens ?? 0,
    outputTokens: row.output_tokens ?? 0,
    reasoningTokens: row.reasoning_tokens ?? 0,
  };
}
