/** Where a request stands in a trace. */
export interface TraceContext {
  readonly traceId: string;
  readonly parentSpanId: string | null;
}

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/** Reads a W3C `traceparent`; undefined when it is absent or not valid. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined || header.startsWith('ff')) return undefined;
  const match = TRACEPARENT.exec(header);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { traceId: match[1], parentSpanId: match[2] };
}

/** Writes a W3C `traceparent` with the sampled flag. */
export const formatTraceparent = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`;
