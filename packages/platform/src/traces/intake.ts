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
  /** Takes spans that each say all of themselves. What can not be kept is counted and logged: a request never fails because of its trace. */
  offer(spans: readonly SpanPatch[]): void;
  /** Spans that `offer` has lost. */
  lost(): number;
}

export function createIntake(deps: IntakeDeps): Intake {
  let lost = 0;
  const keep = (records: readonly SpoolRecord[]): void => {
    if (deps.spool.backlogBytes() > LIMITS.backlogBytes)
      throw new PlatformError('overloaded', { message: 'too many spans wait for the database; send again later', retryAfterS: 10 });
    for (const record of records) deps.spool.append(record.text, record.entries);
    deps.settler.wake();
  };
  return {
    accept(entries) {
      if (entries.length > 0) keep(toSpoolRecords(entries.map((entry) => fitEntry(entry, deps.captureContent))));
    },
    offer(spans) {
      if (spans.length === 0) return;
      try {
        const fitting = spans.map((span) => fitSpan(span, deps.captureContent));
        const whole = asWholeTrace(fitting);
        keep(whole === undefined ? toSpoolRecords(fitting.map((span) => ({ type: 'span', span }))) : [toWholeRecord(whole)]);
      } catch (error) {
        // One line for a streak of losses: a full disk must not be filled by its own complaints.
        if (lost === 0 || lost % 1000 === 0) deps.log.warn({ err: error, lost }, 'a span could not be kept');
        lost += spans.length;
      }
    },
    lost: () => lost,
  };
}
