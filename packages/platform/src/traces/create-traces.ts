import type { Score, Span } from '@maru/api/records';
import type { Page, TraceSummary } from '@maru/api/wire';
import type { Spool, Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createTraceExporter, type TraceExport, type TraceExporter } from './export/trace-exporter.ts';
import { createIntake } from './intake.ts';
import { ingestLangfuse, type LangfuseReply } from './langfuse/ingest-langfuse.ts';
import { ingestLangfuseScores, type LangfuseScoresReply } from './langfuse/ingest-scores.ts';
import { ingestOtlp, type OtlpInput } from './otlp/ingest-otlp.ts';
import type { OtlpReply } from './otlp/reply.ts';
import { type FullTrace, getTrace } from './query/get-trace.ts';
import { type ListSessionsOptions, listSessions, type SessionSummary } from './query/list-sessions.ts';
import { type ListTracesOptions, listTraces } from './query/list-traces.ts';
import { type OverviewOptions, readOverview, type TraceOverview } from './query/overview.ts';
import { Retention } from './retention.ts';
import { type ScoreInput, toScoreRecord } from './scores.ts';
import type { QueuedEntry } from './settle/queued-entry.ts';
import { Settler } from './settle/settler.ts';
import { writeScores } from './settle/write-scores.ts';
import { toSpanPatch } from './to-span-patch.ts';
import { trafficLines } from './traffic/export-traffic.ts';
import { type CallsOptions, readCalls } from './traffic/read-calls.ts';

export interface TracesOptions {
  readonly store: Store;
  /** Opened and closed by the caller; used by nobody else. */
  readonly spool: Spool<readonly QueuedEntry[]>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Whether prompts and answers are kept. */
  readonly captureContent: boolean;
  /** Age at which a trace is deleted, in milliseconds; `Infinity` keeps all. */
  readonly retentionMs: number;
  /** Where the spans of the platform go besides; nowhere where absent. */
  readonly exportTo?: TraceExport;
}

/** Spans, sessions and scores: taken in, kept and asked for. */
export interface Traces {
  /** Keeps a span, or updates it when its ids are known. Costs a write to the page cache; never throws: a request does not fail because of its trace. */
  record(...spans: readonly Span[]): void;
  /** Takes an OTLP/HTTP request. Throws `unsupported_media_type`, `body_too_large`, `invalid_json`, `invalid_request`, `overloaded` or `storage_full`. */
  ingestOtlp(input: OtlpInput): Promise<OtlpReply>;
  /** Takes the parsed body of `POST /api/public/ingestion`. Throws `invalid_request`, `body_too_large`, `overloaded` or `storage_full`. */
  ingestLangfuse(request: unknown, of: { tenant: string }): LangfuseReply;
  /** Takes the parsed body of `POST /api/public/scores`: one score, or a list. Throws as `ingestLangfuse`. */
  ingestLangfuseScores(request: unknown, of: { tenant: string }): LangfuseScoresReply;
  /** Keeps a score at once and returns it as kept. Throws `invalid_request`. */
  addScore(score: ScoreInput): Promise<Score>;
  listTraces(options: ListTracesOptions): Promise<Page<TraceSummary>>;
  /** Undefined when there is none; without a tenant (for an administrator) of any tenant. */
  getTrace(traceId: string, tenant?: string): Promise<FullTrace | undefined>;
  listSessions(options: ListSessionsOptions): Promise<Page<SessionSummary>>;
  overview(options: OverviewOptions): Promise<TraceOverview>;
  /**
   * Recorded calls of models as lines of JSON that the simulator reads: times, lengths, sessions and which prompts begin alike,
   * under names that hold in this export only; no text. Throws `not_found` when there is none.
   */
  exportTraffic(options: CallsOptions): AsyncIterable<string>;
  /** Brings everything that was recorded into the tables now; otherwise it takes a moment. */
  flush(): Promise<void>;
  /** Deletes what is past its age now; otherwise it is done every ten minutes. Returns how many traces went. */
  sweep(): Promise<number>;
  /** Spans that could not be kept, and bytes that wait for the database. */
  stats(): { readonly lostSpans: number; readonly backlogBytes: number };
  /** What was sent to each system that traces are exported to, and what could not be. */
  exports(): ReturnType<TraceExporter['counts']>;
  /** Settles what waits, sends what waits to be exported for a few seconds, and stops. The spool stays open. */
  close(): Promise<void>;
}

/** Opens the room; spans that an earlier process left in the spool are settled first. */
export function createTraces(options: TracesOptions): Traces {
  const { store, spool, clock, ids, log } = options;
  const settler = new Settler({ store, spool, clock, ids, log });
  const retention = new Retention({ store, clock, log, retentionMs: options.retentionMs });
  const intake = createIntake({ spool, settler, log, captureContent: options.captureContent });
  const exporter = options.exportTo === undefined ? undefined : createTraceExporter(options.exportTo, { clock, ids, log });
  return {
    record(...spans) {
      const nowMs = clock.nowMs();
      const patches = spans.map((span) => toSpanPatch(span, nowMs));
      intake.offer(patches);
      exporter?.offer(patches);
    },
    ingestOtlp: (input) => ingestOtlp(input, { intake, clock }),
    ingestLangfuse: (request, of) => ingestLangfuse(request, of, { intake, clock, ids }),
    ingestLangfuseScores: (request, of) => ingestLangfuseScores(request, of, { intake, clock, ids }),
    async addScore(input) {
      const score = toScoreRecord(input, { clock, ids });
      await writeScores(store.db, [{ tenant: input.tenant, score }]);
      return score;
    },
    listTraces: (query) => listTraces(store.db, query),
    getTrace: (traceId, tenant) => getTrace(store.db, traceId, tenant),
    listSessions: (query) => listSessions(store.db, query),
    overview: (query) => readOverview(store.db, query),
    async *exportTraffic(query) {
      await settler.flush();
      yield* trafficLines(readCalls(store.db, query), ids.secret());
    },
    flush: () => settler.flush(),
    sweep: () => retention.sweep(),
    stats: () => ({ lostSpans: intake.lost(), backlogBytes: spool.backlogBytes() }),
    exports: () => exporter?.counts() ?? [],
    async close() {
      await exporter?.close();
      await retention.close();
      await settler.close();
    },
  };
}
