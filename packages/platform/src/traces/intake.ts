import { PlatformError } from '@maru/api/errors';
import type { Spool } from '#store';
import type { Log } from '#telemetry';
import { fitEntry, fitSpan } from './capture.ts';
import type { SpanPatch, TraceEntry } from './entry.ts';
import { LIMITS } from './limits.ts';
import type { QueuedEntry } from './settle/queued-entry.ts';
import type { Settler } from './settle/settler.ts';
import { type SpoolRecord, toSpoolRecords, toWholeRecord } from './settle/spool-record.ts';
import { asWholeTrace } from './settle/whole-trace.ts';

export interface IntakeDeps {
  readonly spool: Spool<readonly QueuedEntry[]>;
  readonly settler: Settler;
  readonly log: Log;
  readonly captureContent: boolean;
}

/** The one way into the spool. */
export interface Intake {
  /** Returns once the entries survive kill -9. Throws `overloaded`, `storage_full` or `shutting_down`; then the client must send again. */
  accept(entries: readonly TraceEntry[]): void;
  /**
   * Takes spans that each say all of themselves. A request neither waits for its trace nor fails because of it: spans are written with all
   * else at the end of this turn of the event loop, and what can not be kept is counted and logged.
   */
  offer(spans: readonly SpanPatch[]): void;
  /** Spans that `offer` has lost. */
  lost(): number;
}

export function createIntake(deps: IntakeDeps): Intake {
  let lost = 0;
  const checkBacklog = (): void => {
    if (deps.spool.backlogBytes() > LIMITS.backlogBytes)
      throw new PlatformError('overloaded', { message: 'too many spans wait for the database; send again later', retryAfterS: 10 });
  };
  const lose = (count: number, error: unknown): void => {
    // One line for a streak of losses: a full disk must not be filled by its own complaints.
    if (lost === 0 || lost % 1000 === 0) deps.log.warn({ err: error, lost }, 'a span could not be kept');
    lost += count;
  };
  const keepSoon = ({ text, entries }: SpoolRecord, spans: number): void =>
    deps.spool.appendSoon(text, {
      value: entries,
      done(error) {
        if (error !== undefined) lose(spans, error);
      },
    });
  return {
    accept(entries) {
      if (entries.length === 0) return;
      checkBacklog();
      for (const { text, entries: kept } of toSpoolRecords(entries.map((entry) => fitEntry(entry, deps.captureContent)))) deps.spool.append(text, kept);
      deps.settler.wake();
    },
    offer(spans) {
      if (spans.length === 0) return;
      try {
        checkBacklog();
        const fitting = spans.map((span) => fitSpan(span, deps.captureContent));
        const whole = asWholeTrace(fitting);
        if (whole !== undefined) keepSoon(toWholeRecord(whole), spans.length);
        else for (const record of toSpoolRecords(fitting.map((span) => ({ type: 'span', span })))) keepSoon(record, record.entries.length);
        deps.settler.wake();
      } catch (error) {
        lose(spans.length, error);
      }
    },
    lost: () => lost,
  };
}
