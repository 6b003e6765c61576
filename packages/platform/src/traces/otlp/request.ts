/** The parts of an `ExportTraceServiceRequest` that are read, in the form of OTLP/JSON. Everything is unknown until it is looked at. */
export interface OtlpRequest {
  readonly resourceSpans?: readonly OtlpResourceSpans[] | null;
}

interface OtlpResourceSpans {
  readonly resource?: { readonly attributes?: unknown } | null;
  readonly scopeSpans?: readonly OtlpScopeSpans[] | null;
}

interface OtlpScopeSpans {
  readonly scope?: { readonly name?: unknown; readonly version?: unknown } | null;
  readonly spans?: readonly OtlpSpan[] | null;
}

export interface OtlpSpan {
  readonly traceId?: unknown;
  readonly spanId?: unknown;
  readonly parentSpanId?: unknown;
  readonly name?: unknown;
  readonly startTimeUnixNano?: unknown;
  readonly endTimeUnixNano?: unknown;
  readonly attributes?: unknown;
  readonly events?: unknown;
  readonly links?: unknown;
  readonly status?: unknown;
}

/** The value as an object to look into; empty for anything else. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
