import { completionTokens, nanoToUsd, promptTokens, type Span, type SpanKind } from '@maru/api/records';
import type { SpanPatch } from '../entry.ts';

type OtlpValue = { readonly stringValue: string } | { readonly boolValue: boolean } | { readonly intValue: string } | { readonly doubleValue: number };

const OPERATIONS: Readonly<Partial<Record<SpanKind, string>>> = {
  engine: 'chat',
  embedding: 'embeddings',
  agent: 'invoke_agent',
  tool: 'execute_tool',
  retrieval: 'retrieval',
};
const OBSERVATIONS: Readonly<Partial<Record<SpanKind, string>>> = {
  engine: 'generation',
  embedding: 'embedding',
  agent: 'agent',
  tool: 'tool',
  retrieval: 'retriever',
  step: 'chain',
  evaluation: 'evaluator',
  guardrail: 'guardrail',
};
const CONTENT: Readonly<Partial<Record<SpanKind, readonly [input: string, output: string]>>> = {
  engine: ['gen_ai.input.messages', 'gen_ai.output.messages'],
  tool: ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
};
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

/**
 * A span as OTLP/JSON, with the GenAI conventions of OpenTelemetry and what Langfuse reads besides. Undefined for a span that OTLP can not
 * hold: with a foreign id, or without times.
 */
export function toOtlpSpan(span: SpanPatch): object | undefined {
  const { traceId, spanId, parentSpanId, kind = 'other', startMs, endMs } = span;
  if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId) || startMs === undefined || endMs == null) return undefined;
  return {
    traceId,
    spanId,
    ...(parentSpanId == null ? {} : { parentSpanId }),
    name: span.name ?? kind,
    kind: kind === 'gateway' ? SERVER : kind === 'engine' || kind === 'embedding' ? CLIENT : INTERNAL,
    startTimeUnixNano: toNanos(startMs),
    endTimeUnixNano: toNanos(endMs),
    attributes: attributesOf(span, kind),
    status: statusOf(span),
  };
}

/** To the microsecond: a number of nanoseconds since 1970 does not fit into a double. */
const toNanos = (ms: number): string => `${Math.round(ms * 1000)}000`;

function statusOf({ status = 'unset', statusMessage }: SpanPatch): { readonly code: number; readonly message?: string } {
  return { code: STATUS[status satisfies Span['status']], ...(statusMessage === undefined ? {} : { message: statusMessage }) };
}

function attributesOf(span: SpanPatch, kind: SpanKind): readonly { readonly key: string; readonly value: OtlpValue }[] {
  const list: { key: string; value: OtlpValue }[] = [];
  const put = (key: string, value: unknown): void => {
    const otlp = toValue(value);
    if (otlp !== undefined) list.push({ key, value: otlp });
  };
  put('maru.kind', kind);
  put('maru.tenant', span.tenant);
  put('gen_ai.operation.name', OPERATIONS[kind]);
  put('langfuse.observation.type', OBSERVATIONS[kind] ?? 'span');
  // The name that the vendor knows stands in the attributes; this is the one that people chose.
  if (kind === 'engine' || kind === 'embedding') put('gen_ai.request.model', span.model);
  else put('maru.model', span.model);
  put('gen_ai.provider.name', span.attributes?.['provider']);
  put('session.id', span.session);
  put('gen_ai.conversation.id', span.session);
  put('user.id', span.user);
  if (span.status === 'error') put('error.type', span.statusMessage?.split(':')[0] ?? '_OTHER');
  if (span.ttftMs !== undefined) put('gen_ai.server.time_to_first_token', span.ttftMs / 1000);
  putUsage(span, put);
  if (span.costNanoUsd != null) put('langfuse.observation.cost_details', JSON.stringify({ total: nanoToUsd(span.costNanoUsd) }));
  const [input, output] = CONTENT[kind] ?? ['input.value', 'output.value'];
  put(input, span.input);
  put(output, span.output);
  for (const [key, value] of Object.entries(span.attributes ?? {})) put(`maru.${key}`, value);
  return list;
}

/** The conventions count what was read from a cache within the prompt, and reasoning within the answer. */
function putUsage({ usage }: SpanPatch, put: (key: string, value: unknown) => void): void {
  if (usage === undefined) return;
  put('gen_ai.usage.input_tokens', promptTokens(usage));
  put('gen_ai.usage.output_tokens', completionTokens(usage));
  if (usage.cacheReadTokens > 0) put('gen_ai.usage.cache_read.input_tokens', usage.cacheReadTokens);
  const written = usage.cacheWriteTokens + (usage.cacheWriteLongTokens ?? 0);
  if (written > 0) put('gen_ai.usage.cache_creation.input_tokens', written);
  if (usage.reasoningTokens > 0) put('gen_ai.usage.reasoning.output_tokens', usage.reasoningTokens);
}

function toValue(value: unknown): OtlpValue | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      if (Number.isSafeInteger(value)) return { intValue: String(value) };
      return Number.isFinite(value) ? { doubleValue: value } : { stringValue: String(value) };
    default:
      return { stringValue: JSON.stringify(value) ?? '' };
  }
}
