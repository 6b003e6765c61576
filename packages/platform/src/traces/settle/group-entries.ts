import type { SpanPatch, TenantScore, TraceGiven } from '../entry.ts';
import { mergeGiven, mergeSpans } from './merge.ts';
import type { QueuedEntry } from './queued-entry.ts';
import { spansOfWhole, type WholeTrace } from './whole-trace.ts';

/** The entries of one batch about one tenant, merged per span, trace and score. */
export interface TenantBatch {
  /** Traces that came whole and of which nothing else is said. */
  readonly whole: Map<string, WholeTrace>;
  readonly spans: Map<string, SpanPatch>;
  readonly given: Map<string, TraceGiven>;
  readonly scores: Map<string, TenantScore>;
  /** Every other trace that is touched, with the earliest time of a message about it. */
  readonly traces: Map<string, number>;
}

/** Groups entries by tenant; the order of messages about one thing is kept. */
export function groupEntries(entries: readonly QueuedEntry[]): ReadonlyMap<string, TenantBatch> {
  const tenants = new Map<string, TenantBatch>();
  for (const entry of entries) {
    switch (entry.type) {
      case 'whole':
        addWhole(batchOf(tenants, entry.whole.tenant), entry.whole);
        break;
      case 'span': {
        const batch = batchOf(tenants, entry.span.tenant);
        takeApart(batch, entry.span.traceId);
        addSpan(batch, entry.span);
        break;
      }
      case 'trace': {
        const batch = batchOf(tenants, entry.trace.tenant);
        const { traceId, atMs, given } = entry.trace;
        takeApart(batch, traceId);
        batch.given.set(traceId, mergeGiven(batch.given.get(traceId) ?? {}, given));
        touch(batch, traceId, given.startMs ?? atMs);
        break;
      }
      case 'score':
        batchOf(tenants, entry.score.tenant).scores.set(entry.score.score.id, entry.score);
        break;
    }
  }
  return tenants;
}

/** Identity of a span inside its tenant. */
export const spanKey = (traceId: string, spanId: string): string => `${traceId}\n${spanId}`;

/** Adds the spans of a trace one by one, so that they are merged with what else is known of it. */
export function takeApart(batch: TenantBatch, traceId: string): void {
  const whole = batch.whole.get(traceId);
  if (whole === undefined) return;
  batch.whole.delete(traceId);
  for (const span of spansOfWhole(whole)) addSpan(batch, span);
}

function addWhole(batch: TenantBatch, whole: WholeTrace): void {
  const { traceId } = whole;
  takeApart(batch, traceId);
  batch.whole.set(traceId, whole);
  if (batch.traces.has(traceId)) takeApart(batch, traceId);
}

function addSpan(batch: TenantBatch, span: SpanPatch): void {
  const key = spanKey(span.traceId, span.spanId);
  const earlier = batch.spans.get(key);
  batch.spans.set(key, earlier === undefined ? span : mergeSpans(earlier, span));
  touch(batch, span.traceId, span.startMs ?? span.atMs);
}

const touch = (batch: TenantBatch, traceId: string, atMs: number): void => void batch.traces.set(traceId, Math.min(batch.traces.get(traceId) ?? atMs, atMs));

function batchOf(tenants: Map<string, TenantBatch>, tenant: string): TenantBatch {
  const known = tenants.get(tenant);
  if (known !== undefined) return known;
  const made: TenantBatch = { whole: new Map(), spans: new Map(), given: new Map(), scores: new Map(), traces: new Map() };
  tenants.set(tenant, made);
  return made;
}
