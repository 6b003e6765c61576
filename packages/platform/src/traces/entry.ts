import type { Score, Span, SpanKind, Usage } from '@maru/api/records';

/** What one message says of a span. Absent fields leave what an earlier message said. */
export interface SpanPatch {
  readonly tenant: string;
  readonly traceId: string;
  readonly spanId: string;
  /** When the message was made; stands in for a start that nobody gives. */
  readonly atMs: number;
  readonly parentSpanId?: string | null | undefined;
  readonly name?: string | undefined;
  readonly kind?: SpanKind | undefined;
  readonly startMs?: number | undefined;
  readonly endMs?: number | null | undefined;
  /** Time to first token, in milliseconds. */
  readonly ttftMs?: number | undefined;
  readonly status?: Span['status'] | undefined;
  readonly statusMessage?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly model?: string | undefined;
  readonly usage?: Usage | undefined;
  readonly costNanoUsd?: number | null | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** What a client says of a trace as a whole, beside its spans. */
export interface TraceGiven {
  readonly name?: string;
  readonly startMs?: number;
  readonly session?: string;
  readonly user?: string;
  readonly environment?: string;
  readonly release?: string;
  readonly version?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly input?: unknown;
  readonly output?: unknown;
}

export interface TracePatch {
  readonly tenant: string;
  readonly traceId: string;
  readonly atMs: number;
  readonly given: TraceGiven;
}

export interface TenantScore {
  readonly tenant: string;
  readonly score: Score;
}

/** One thing that waits in the spool to be settled into the tables. */
export type TraceEntry =
  | { readonly type: 'span'; readonly span: SpanPatch }
  | { readonly type: 'trace'; readonly trace: TracePatch }
  | { readonly type: 'score'; readonly score: TenantScore };
