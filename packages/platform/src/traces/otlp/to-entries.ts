import type { Span } from '@maru/api/records';
import { isContentKey } from '../dialects/content-keys.ts';
import { readAttributes } from '../dialects/read-attributes.ts';
import type { SpanPatch, TraceEntry } from '../entry.ts';
import { cutText, LIMITS } from '../limits.ts';
import { type Attributes, nanosToMs, toAttributes } from './attributes.ts';
import { isMessageEvent, messagesOf, type SpanEvent } from './message-events.ts';
import { asArray, asObject, asText, type OtlpRequest, type OtlpSpan } from './request.ts';
import { SPAN_ID_BYTES, TRACE_ID_BYTES, toHexId } from './trace-id.ts';

export interface OtlpEntries {
  readonly entries: readonly TraceEntry[];
  readonly accepted: number;
  readonly rejected: number;
  /** Why the first refused span was refused; empty when none was. */
  readonly reason: string;
}

/** The spans of a request as entries; a span that can not be kept is counted, and the others are taken. */
export function toEntries(request: OtlpRequest, of: { tenant: string; nowMs: number }): OtlpEntries {
  const entries: TraceEntry[] = [];
  let accepted = 0;
  let rejected = 0;
  let reason = '';
  for (const resourceSpans of asArray(request.resourceSpans)) {
    const resource = resourceAttributes(toAttributes(asObject(asObject(resourceSpans)['resource'])['attributes']));
    for (const scopeSpans of asArray(asObject(resourceSpans)['scopeSpans'])) {
      const scope = asText(asObject(asObject(scopeSpans)['scope'])['name']);
      const shared = { ...resource, ...(scope === undefined ? {} : { 'otel.scope.name': scope }) };
      for (const span of asArray(asObject(scopeSpans)['spans'])) {
        const result =
          accepted >= LIMITS.spansPerRequest ? `more than ${LIMITS.spansPerRequest} spans in one request` : toSpanEntries(asObject(span), shared, of);
        if (typeof result === 'string') {
          rejected += 1;
          if (reason === '') reason = result;
        } else {
          accepted += 1;
          entries.push(...result);
        }
      }
    }
  }
  return { entries, accepted, rejected, reason };
}

const RESOURCE_KEYS = [
  'service.name',
  'service.version',
  'service.namespace',
  'deployment.environment.name',
  'deployment.environment',
  'telemetry.sdk.language',
];

/** Of the resource only what names the service: the rest describes a host and repeats on every span. */
const resourceAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(RESOURCE_KEYS.flatMap((key) => (attributes[key] === undefined ? [] : [[key, attributes[key]]])));

function toSpanEntries(span: OtlpSpan, shared: Attributes, of: { tenant: string; nowMs: number }): readonly TraceEntry[] | string {
  const traceId = toHexId(span.traceId, TRACE_ID_BYTES);
  if (traceId === undefined) return 'a span has no valid traceId (16 bytes, not all zero)';
  const spanId = toHexId(span.spanId, SPAN_ID_BYTES);
  if (spanId === undefined) return `a span of trace ${traceId} has no valid spanId (8 bytes, not all zero)`;
  const startMs = nanosToMs(span.startTimeUnixNano);
  if (startMs === undefined) return `span ${spanId} of trace ${traceId} has no valid startTimeUnixNano`;
  if (span.attributes !== undefined && span.attributes !== null && !Array.isArray(span.attributes)) return `the attributes of span ${spanId} are not a list`;
  const events = toEvents(span.events);
  const attributes = { ...messagesOf(events), ...toAttributes(span.attributes) };
  const { given, firstTokenAtMs, ...read } = readAttributes(attributes);
  const ttftMs = read.ttftMs ?? (firstTokenAtMs === undefined ? undefined : Math.max(0, firstTokenAtMs - startMs));
  const status = statusOf(span.status);
  const patch: SpanPatch = {
    tenant: of.tenant,
    traceId,
    spanId,
    atMs: of.nowMs,
    parentSpanId: toHexId(span.parentSpanId, SPAN_ID_BYTES) ?? null,
    name: asText(span.name) ?? 'unnamed',
    kind: read.kind ?? 'other',
    startMs,
    endMs: nanosToMs(span.endTimeUnixNano) ?? null,
    ...definedOf({ model: short(read.model), session: short(read.session), user: short(read.user), ttftMs, usage: read.usage, costNanoUsd: read.costNanoUsd }),
    ...definedOf({ input: read.input, output: read.output }),
    status: read.status === 'error' ? 'error' : status.code,
    ...definedOf({ statusMessage: read.statusMessage ?? status.message ?? exceptionOf(events) }),
    attributes: { ...shared, ...withoutContent(attributes), ...eventsAndLinks(events, span.links) },
  };
  const entry: TraceEntry = { type: 'span', span: patch };
  return given === undefined ? [entry] : [entry, { type: 'trace', trace: { tenant: of.tenant, traceId, atMs: startMs, given } }];
}

const short = (text: string | undefined): string | undefined => (text === undefined ? undefined : cutText(text, LIMITS.idLength));

const definedOf = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

const withoutContent = (attributes: Attributes): Attributes => Object.fromEntries(Object.entries(attributes).filter(([key]) => !isContentKey(key)));

const toEvents = (events: unknown): readonly SpanEvent[] =>
  asArray(events)
    .slice(0, LIMITS.eventsPerSpan)
    .map((event) => {
      const { name, timeUnixNano, attributes } = asObject(event);
      return { name: asText(name) ?? 'event', atMs: nanosToMs(timeUnixNano), attributes: toAttributes(attributes) };
    });

const exceptionOf = (events: readonly SpanEvent[]): string | undefined =>
  asText(events.find((event) => event.name === 'exception')?.attributes['exception.message']);

function eventsAndLinks(events: readonly SpanEvent[], links: unknown): Attributes {
  const kept = events.filter((event) => !isMessageEvent(event.name)).map((event) => ({ ...event, attributes: withoutContent(event.attributes) }));
  const linked = asArray(links)
    .slice(0, LIMITS.linksPerSpan)
    .map((link) => ({ traceId: toHexId(asObject(link)['traceId'], TRACE_ID_BYTES), spanId: toHexId(asObject(link)['spanId'], SPAN_ID_BYTES) }))
    .filter((link) => link.traceId !== undefined);
  return { ...(kept.length === 0 ? {} : { events: kept }), ...(linked.length === 0 ? {} : { links: linked }) };
}

/** The status of a span; JSON encoders write the code as a number or by its name. */
function statusOf(status: unknown): { code: Span['status']; message: string | undefined } {
  const { code, message } = asObject(status);
  if (code === 2 || code === 'STATUS_CODE_ERROR') return { code: 'error', message: asText(message) };
  return { code: code === 1 || code === 'STATUS_CODE_OK' ? 'ok' : 'unset', message: asText(message) };
}
