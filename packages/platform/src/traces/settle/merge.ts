import type { SpanPatch, TraceGiven } from '../entry.ts';

/** Two messages about one span: the later one wins field by field, and says nothing where it is silent. */
export function mergeSpans(earlier: SpanPatch, later: SpanPatch): SpanPatch {
  const merged = { ...earlier, ...defined(later), atMs: Math.min(earlier.atMs, later.atMs) };
  return {
    ...merged,
    ...keep('parentSpanId', later.parentSpanId ?? earlier.parentSpanId),
    ...keep('endMs', later.endMs ?? earlier.endMs),
    ...keep('costNanoUsd', later.costNanoUsd ?? earlier.costNanoUsd),
    ...keep('kind', later.kind === 'other' ? (earlier.kind ?? 'other') : merged.kind),
    ...keep('status', later.status === 'unset' ? (earlier.status ?? 'unset') : merged.status),
    ...(earlier.attributes === undefined && later.attributes === undefined ? {} : { attributes: { ...earlier.attributes, ...later.attributes } }),
  };
}

/** Two messages about one trace: tags are joined, metadata merged, of the rest the later one wins. */
export function mergeGiven(earlier: TraceGiven, later: TraceGiven): TraceGiven {
  return {
    ...earlier,
    ...defined(later),
    ...(earlier.startMs === undefined || later.startMs === undefined ? {} : { startMs: Math.min(earlier.startMs, later.startMs) }),
    ...(earlier.tags === undefined && later.tags === undefined ? {} : { tags: [...new Set([...(earlier.tags ?? []), ...(later.tags ?? [])])] }),
    ...(earlier.metadata === undefined && later.metadata === undefined ? {} : { metadata: { ...earlier.metadata, ...later.metadata } }),
  };
}

const defined = <T extends object>(value: T): Partial<T> => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;

const keep = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> => (value === undefined ? {} : ({ [key]: value } as Record<K, V>));
