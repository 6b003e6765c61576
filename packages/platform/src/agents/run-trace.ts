import type { Span } from '@maru/api/records';
import type { Ids } from '#time';
import type { SpanSink } from './ports.ts';
import type { RunRow } from './run-row.ts';

/** W3C Trace Context, level 1: `00-<trace id>-<parent span id>-<flags>`. */
export const formatTraceparent = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`;

/** Reads a traceparent header; undefined when it is not one. */
export function parseTraceparent(header: string | undefined): { traceId: string; spanId: string } | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(header ?? '');
  if (match?.[1] === undefined || match[2] === undefined || /^0+$/.test(match[1]) || /^0+$/.test(match[2])) return undefined;
  return { traceId: match[1], spanId: match[2] };
}

type SpanFields = Pick<Span, 'spanId' | 'parentSpanId' | 'name' | 'kind' | 'startMs' | 'endMs' | 'status'> &
  Partial<Pick<Span, 'statusMessage' | 'model' | 'usage' | 'input' | 'output' | 'attributes'>>;

/** The spans of one run: agent, then steps and tools, then what tools do. */
export interface RunTrace {
  readonly traceId: string;
  /** Span of the agent, parent of all steps. */
  readonly agentSpanId: string;
  newSpanId(): string;
  record(fields: SpanFields): void;
}

export interface RunTraceOptions {
  readonly spans: SpanSink;
  readonly ids: Ids;
  readonly row: RunRow;
  /** Puts questions and answers into the spans. */
  readonly captureContent: boolean;
}

export function createRunTrace({ spans, ids, row, captureContent }: RunTraceOptions): RunTrace {
  return {
    traceId: row.trace_id,
    agentSpanId: row.span_id,
    newSpanId: () => ids.spanId(),
    record({ input, output, attributes, ...fields }) {
      spans.record({
        ...fields,
        traceId: row.trace_id,
        tenant: row.tenant,
        ...(row.session === null ? {} : { session: row.session }),
        ...(captureContent && input !== undefined ? { input } : {}),
        ...(captureContent && output !== undefined ? { output } : {}),
        attributes: { 'maru.run.id': row.id, 'gen_ai.agent.name': row.agent, ...attributes },
      });
    },
  };
}
