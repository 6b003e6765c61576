import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids, type Timer } from '#time';
import type { DeliverSpans, ExportTarget } from './export-target.ts';

export interface OutboxOptions {
  readonly target: ExportTarget;
  readonly deliver: DeliverSpans;
  /** What stands around the spans of a request. */
  readonly wrap: (spans: string) => string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Spans that wait to be sent to one target, in bounded memory. */
export interface Outbox {
  /** A span as JSON; dropped, and counted, when the outbox is full. */
  put(span: string): void;
  stats(): { readonly sent: number; readonly dropped: number; readonly waiting: number };
  /** Tries once more to send what waits, for a few seconds, and counts the rest as dropped. */
  close(): Promise<void>;
}

const DELAY_MS = 1000;
const MAX_WAITING_SPANS = 8192;
/** Characters of all that waits; much of it are prompts where they are exported. */
const MAX_WAITING_LENGTH = 16 * 1024 * 1024;
const MAX_BATCH_SPANS = 512;
const MAX_BATCH_LENGTH = 1024 * 1024;
const MAX_TRIES = 8;
const CLOSE_MS = 5000;

export function createOutbox({ target, deliver, wrap, clock, ids, log }: OutboxOptions): Outbox {
  let waiting: string[] = [];
  let length = 0;
  let sent = 0;
  let dropped = 0;
  let inFlight = 0;
  let timer: Timer | undefined;
  let draining: Promise<void> | undefined;
  let failing = false;
  let closing = false;
  const stop = new AbortController();
  const waits = new AbortController();

  const fail = (why: string, spans: number): void => {
    // Once for a streak of failures: a collector that is away is away for every batch.
    if (!failing)
      log.warn({ target: target.name, why, spans }, 'traces could not be exported: those that are dropped are counted in maru_export_spans_dropped_total');
    failing = true;
  };

  const send = async (batch: readonly string[]): Promise<void> => {
    const body = wrap(batch.join(','));
    for (let tries = 1; ; tries += 1) {
      const delivery = await deliver(target, body, stop.signal);
      if (delivery.outcome === 'taken') {
        const rejected = Math.min(batch.length, delivery.rejectedSpans);
        sent += batch.length - rejected;
        dropped += rejected;
        failing = false;
        return;
      }
      fail(delivery.why, batch.length);
      if (delivery.outcome === 'refused' || tries === MAX_TRIES || closing) {
        dropped += batch.length;
        return;
      }
      await clock.sleep(backoffMs(tries, { baseMs: 500, maxMs: 30_000, random: () => ids.random() }), waits.signal).catch(() => undefined);
    }
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = take();
      inFlight = batch.length;
      try {
        await send(batch);
      } catch {
        // Only its signal breaks a delivery off.
        dropped += batch.length;
      }
      inFlight = 0;
    }
  };

  const take = (): readonly string[] => {
    let count = 0;
    let chars = 0;
    for (const span of waiting) {
      if (count > 0 && (count === MAX_BATCH_SPANS || chars + span.length > MAX_BATCH_LENGTH)) break;
      count += 1;
      chars += span.length;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    length -= chars;
    return batch;
  };

  const begin = (): Promise<void> => {
    timer?.cancel();
    timer = undefined;
    draining ??= drain().finally(() => {
      draining = undefined;
    });
    return draining;
  };

  return {
    put(span) {
      if (closing || waiting.length >= MAX_WAITING_SPANS || length + span.length > MAX_WAITING_LENGTH) {
        dropped += 1;
        if (!closing) fail('too many spans wait', 1);
        return;
      }
      waiting.push(span);
      length += span.length;
      if (draining !== undefined) return;
      if (waiting.length >= MAX_BATCH_SPANS) void begin();
      else timer ??= clock.schedule(DELAY_MS, () => void begin());
    },
    stats: () => ({ sent, dropped, waiting: waiting.length + inFlight }),
    async close() {
      closing = true;
      waits.abort();
      const deadline = clock.schedule(CLOSE_MS, () => stop.abort());
      await begin();
      deadline.cancel();
    },
  };
}
