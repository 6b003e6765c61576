import type { Span, Usage } from '@maru/api/records';
import type { SpanPatch } from '../entry.ts';
import { toUs } from './microseconds.ts';
import { type SpanRow, toUsage } from './span-row.ts';
import { cleanText } from './text.ts';

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

type FactColumns = Omit<SpanRow, 'tenant' | 'trace_id' | 'input' | 'output' | 'attributes'>;

export const factsOfRow = (row: FactColumns): SpanFacts => ({
  spanId: row.span_id,
  kind: row.kind,
  parentSpanId: row.parent_span_id,
  name: row.name,
  startUs: row.start_us,
  endUs: row.end_us,
  ttftUs: row.ttft_us,
  status: row.status === 'ok' || row.status === 'error' ? row.status : 'unset',
  statusMessage: row.status_message,
  session: row.session,
  user: row.user_id,
  model: row.model,
  usage: toUsage(row),
  costNanoUsd: row.cost_nano_usd,
});

/** The same facts as those of the row that the span would have. */
export const factsOfSpan = (span: SpanPatch): SpanFacts => ({
  spanId: cleanText(span.spanId),
  kind: span.kind ?? 'other',
  parentSpanId: clean(span.parentSpanId),
  name: cleanText(span.name ?? 'unnamed'),
  startUs: toUs(span.startMs ?? span.atMs),
  endUs: toUsOrNull(span.endMs),
  ttftUs: toUsOrNull(span.ttftMs),
  status: span.status ?? 'unset',
  statusMessage: clean(span.statusMessage),
  session: clean(span.session),
  user: clean(span.user),
  model: clean(span.model),
  usage: span.usage,
  costNanoUsd: span.costNanoUsd ?? null,
});

const clean = (text: string | null | undefined): string | null => (text === undefined || text === null ? null : cleanText(text));

const toUsOrNull = (ms: number | null | undefined): number | null => (ms === undefined || ms === null ? null : toUs(ms));

/** Spans that start at once are ordered by their ids, so that the same spans always say the same. */
export const byStart = (left: SpanFacts, right: SpanFacts): number => left.startUs - right.startUs || (left.spanId < right.spanId ? -1 : 1);

/** The spans in the order of their start. The few of a request are put in place one by one: sorting them costs several times as much. */
export function inStartOrder(spans: readonly SpanFacts[]): readonly SpanFacts[] {
  const inOrder = [...spans];
  if (inOrder.length > FEW_SPANS) return inOrder.sort(byStart);
  for (let index = 1; index < inOrder.length; index += 1)
    for (let at = index; at > 0; at -= 1) {
      const [left, right] = [inOrder[at - 1], inOrder[at]];
      if (left === undefined || right === undefined || byStart(left, right) <= 0) break;
      inOrder[at - 1] = right;
      inOrder[at] = left;
    }
  return inOrder;
}

const FEW_SPANS = 8;
