import { type SpanRow, toUsage } from './span-row.ts';
import type { SpanFacts } from './summarise-trace.ts';

/** Characters of the input and of the output of a top span that the search looks into. */
export const EXCERPT = 2_000;
/** Top spans of one trace that the search looks into. */
export const EXCERPT_SPANS = 3;

/** What the totals and the search of a trace are made of. */
export interface TraceContents {
  readonly spans: SpanFacts[];
  readonly excerpts: string[];
}

type FactColumns = Omit<SpanRow, 'tenant' | 'trace_id' | 'input' | 'output' | 'attributes'>;

export const toFacts = (row: FactColumns): SpanFacts => ({
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

export const toExcerpt = (row: Pick<SpanRow, 'input' | 'output'>): string => `${row.input ?? ''} ${row.output ?? ''}`.trim();

/** The contents of a trace of which these are all spans. */
export function contentsOf(rows: readonly SpanRow[]): TraceContents {
  const top = rows
    .filter((row) => (row.parent_span_id === null || row.kind === 'gateway') && (row.input !== null || row.output !== null))
    .sort((left, right) => left.start_us - right.start_us || (left.span_id < right.span_id ? -1 : 1))
    .slice(0, EXCERPT_SPANS);
  const cut = (text: string | null): string | null => text?.slice(0, EXCERPT) ?? null;
  return { spans: rows.map(toFacts), excerpts: top.map((row) => toExcerpt({ input: cut(row.input), output: cut(row.output) })) };
}
