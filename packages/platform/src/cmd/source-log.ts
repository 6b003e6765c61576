import type { SourcesStatus } from '@maru/api/wire';
import type { Clock } from '#time';

/** What became of the files: shown by the control API. */
export interface SourceLog {
  read(): SourcesStatus;
  /** The files are in force. */
  applied(facts: { readonly files: readonly string[]; readonly warnings: readonly string[]; readonly changes: readonly string[] }): void;
  /** A change was refused, and the old state stays. */
  refused(message: string): void;
}

export function createSourceLog(clock: Clock): SourceLog {
  let status: SourcesStatus = { files: [], warnings: [], appliedMs: null, changes: [], refused: null };
  return {
    read: () => status,
    applied: ({ files, warnings, changes }) => {
      status = { files: [...files], warnings: [...warnings], appliedMs: clock.nowMs(), changes: [...changes], refused: null };
    },
    refused: (message) => {
      status = { ...status, refused: { atMs: clock.nowMs(), message } };
    },
  };
}
