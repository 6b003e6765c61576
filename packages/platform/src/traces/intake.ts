import { PlatformError } from '@maru/api/errors';
import type { Spool } from '#store';
import type { Log } from '#telemetry';
import { fitEntry } from './capture.ts';
import type { TraceEntry } from './entry.ts';
import { LIMITS } from './limits.ts';
import type { Settler } from './settle/settler.ts';
import { toSpoolRecords } from './settle/spool-record.ts';

export interface IntakeDeps {
  readonly spool: Spool<readonly TraceEntry[]>;
  readonly settler: Settler;
  readonly log: Log;
  readonly captureContent: boolean;
}

/** The one way into the spool. */
export interface Intake {
  /** Returns once the entries survive kill -9. Throws `overloaded`, `storage_full` or `shutting_down`; then the client must send again. */
  accept(entries: readonly TraceEntry[]): void;
  /** As `accept`, but what can not be kept is counted and logged: a request never fails because of its trace. */
  offer(entries: readonly TraceEntry[]): void;
  /** Entries that `offer` has lost. */
  lost(): number;
}

export function createIntake(deps: IntakeDeps): Intake {
  let lost = 0;
  const accept = (entries: readonly TraceEntry[]): void => {
    if (entries.length === 0) return;
    if (deps.spool.backlogBytes() > LIMITS.backlogBytes)
      throw new PlatformError('overloaded', { message: 'too many spans wait for the database; send again later', retryAfterS: 10 });
    for (const record of toSpoolRecords(entries.map((entry) => fitEntry(entry, deps.captureContent)))) deps.spool.append(record.text, record.entries);
    deps.settler.wake();
  };
  return {
    accept,
    offer(entries) {
      try {
        accept(entries);
      } catch (error) {
        // One line for a streak of losses: a full disk must not be filled by its own complaints.
        if (lost === 0 || lost % 1000 === 0) deps.log.warn({ err: error, lost }, 'a span could not be kept');
        lost += entries.length;
      }
    },
    lost: () => lost,
  };
}
