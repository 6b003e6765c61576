import type { SpanKind, Usage } from '@maru/api/records';
import type { SpanPatch } from '../entry.ts';
import { toMs } from './microseconds.ts';
import type { SpanFacts } from './span-facts.ts';

/** Spans of one trace as the row of the trace keeps them: a start, then a list of values per span, with times in microseconds from that start on. */
export function packSpans(spans: readonly SpanPatch[], facts: readonly SpanFacts[]): string {
  // Small whole numbers and no names: half the bytes of objects, and half the time.
  const startUs = facts[0]?.startUs ?? 0;
  const packed: unknown[] = [startUs];
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    const known = facts[index];
    if (span !== undefined && known !== undefined) packed.push(packSpan(span, known, startUs));
  }
  return JSON.stringify(packed);
}

function packSpan(span: SpanPatch, facts: SpanFacts, startUs: number): unknown[] {
  const packed: unknown[] = [
    facts.spanId,
    facts.parentSpanId,
    facts.name,
    facts.kind,
    facts.startUs - startUs,
    facts.endUs === null ? null : facts.endUs - facts.startUs,
    facts.ttftUs,
    facts.status,
    facts.statusMessage,
    facts.session,
    facts.user,
    facts.model,
    packUsage(facts.usage),
    facts.costNanoUsd,
    span.attributes,
  ];
  // In lists of their own, so that a value null is told from none.
  if (span.input !== undefined || span.output !== undefined)
    packed.push(span.input === undefined ? null : [span.input], span.output === undefined ? null : [span.output]);
  return packed;
}

const packUsage = (usage: Usage | undefined): readonly number[] | null =>
  usage === undefined ? null : [usage.inputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, usage.outputTokens, usage.reasoningTokens];

/** The spans that {@link packSpans} has packed, of the trace that is named; none where the value is something else. */
export function unpackSpans(value: unknown, of: { readonly tenant: string; readonly traceId: string }): readonly SpanPatch[] {
  if (!Array.isArray(value)) return [];
  const [startUs, ...spans] = value as readonly unknown[];
  if (typeof startUs !== 'number') return [];
  return spans.flatMap((span) => (isPacked(span) ? [{ tenant: of.tenant, traceId: of.traceId, ...unpackSpan(span, startUs) }] : []));
}

const isPacked = (value: unknown): value is PackedSpan => Array.isArray(value) && typeof value[0] === 'string';

type PackedSpan = readonly [
  spanId: string,
  parentSpanId: string | null,
  name: string,
  kind: SpanKind,
  startUs: number,
  lengthUs: number | null,
  ttftUs: number | null,
  status: 'ok' | 'error' | 'unset',
  statusMessage: string | null,
  session: string | null,
  user: string | null,
  model: string | null,
  usage: readonly [number, number, number, number, number] | null,
  costNanoUsd: number | null,
  attributes: Readonly<Record<string, unknown>> | null,
  input?: readonly [unknown] | null,
  output?: readonly [unknown] | null,
];

function unpackSpan(packed: PackedSpan, fromUs: number): Omit<SpanPatch, 'tenant' | 'traceId'> {
  const [spanId, parentSpanId, name, kind, afterUs, lengthUs, ttftUs, status, statusMessage, session, user, model, usage, costNanoUsd, attributes] = packed;
  const startMs = toMs(fromUs + afterUs);
  return {
    spanId,
    atMs: startMs,
    parentSpanId,
    name: name === 'unnamed' ? undefined : name,
    kind,
    startMs,
    endMs: lengthUs === null ? null : toMs(fromUs + afterUs + lengthUs),
    ttftMs: ttftUs === null ? undefined : toMs(ttftUs),
    status,
    statusMessage: statusMessage ?? undefined,
    session: session ?? undefined,
    user: user ?? undefined,
    model: model ?? undefined,
    usage: usage === null ? undefined : unpackUsage(usage),
    costNanoUsd,
    attributes: attributes ?? undefined,
    input: packed[15]?.[0],
    output: packed[16]?.[0],
  };
}

const unpackUsage = ([inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens]: readonly [
  number,
  number,
  number,
  number,
  number,
]): Usage => ({
  inputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  outputTokens,
  reasoningTokens,
});
