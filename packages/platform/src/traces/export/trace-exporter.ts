import type { GuardedFetch } from '#http';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { fitSpan } from '../capture.ts';
import type { SpanPatch } from '../entry.ts';
import { createDeliverSpans } from './deliver-spans.ts';
import type { ExportTarget } from './export-target.ts';
import { toOtlpSpan } from './otlp-span.ts';
import { createOutbox } from './outbox.ts';

/** Where traces go, and with what. */
export interface TraceExport {
  readonly targets: readonly ExportTarget[];
  /** Whether prompts and answers go along, where they are captured at all. */
  readonly content: boolean;
  /** Closed by the caller, after the room. */
  readonly fetch: GuardedFetch;
}

interface ExportCount {
  readonly target: string;
  readonly sent: number;
  readonly dropped: number;
  readonly waiting: number;
}

/** Sends spans of the platform on to other systems. */
export interface TraceExporter {
  /** Never throws and never waits: what can not be sent is counted. */
  offer(spans: readonly SpanPatch[]): void;
  counts(): readonly ExportCount[];
  close(): Promise<void>;
}

const RESOURCE = JSON.stringify({ attributes: [{ key: 'service.name', value: { stringValue: 'maru' } }] });
const wrap = (spans: string): string => `{"resourceSpans":[{"resource":${RESOURCE},"scopeSpans":[{"scope":{"name":"maru"},"spans":[${spans}]}]}]}`;

export function createTraceExporter(
  { targets, content, fetch }: TraceExport,
  deps: { readonly clock: Clock; readonly ids: Ids; readonly log: Log },
): TraceExporter {
  const deliver = createDeliverSpans(fetch);
  const outboxes = targets.map((target) => ({ target, outbox: createOutbox({ ...deps, target, deliver, wrap }) }));
  let unfit = 0;
  return {
    offer(spans) {
      if (outboxes.length === 0) return;
      for (const span of spans) {
        const otlp = toOtlpSpan(fitSpan(span, content));
        // As text at once: what waits holds no request in memory.
        const text = otlp === undefined ? undefined : JSON.stringify(otlp);
        if (text === undefined) unfit += 1;
        else for (const { outbox } of outboxes) outbox.put(text);
      }
    },
    counts: () =>
      outboxes.map(({ target, outbox }) => {
        const { sent, dropped, waiting } = outbox.stats();
        return { target: target.name, sent, dropped: dropped + unfit, waiting };
      }),
    async close() {
      await Promise.all(outboxes.map(({ outbox }) => outbox.close()));
    },
  };
}
