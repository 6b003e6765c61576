import type { Run, RunStep } from '@maru/api/records';

/** What happens in a run, in order; the names and fields of the control API. */
export type PipelineEvent =
  | { readonly type: 'run-queued'; readonly run: Run }
  | { readonly type: 'step-start'; readonly step: RunStep }
  | { readonly type: 'step-end'; readonly step: RunStep }
  | { readonly type: 'run-end'; readonly run: Run };

/** Tells watchers in this process that a run has changed; what has changed stands in the store. */
export interface ChangeBell {
  ring(runId: string): void;
  /** Resolves at the next ring, or when the signal is aborted. */
  wait(runId: string, signal: AbortSignal): Promise<void>;
}

export function createChangeBell(): ChangeBell {
  const waiting = new Map<string, Set<() => void>>();
  return {
    ring(runId) {
      for (const wake of waiting.get(runId) ?? []) wake();
    },
    wait: (runId, signal) =>
      new Promise((resolve) => {
        const all = waiting.get(runId) ?? new Set();
        const wake = (): void => {
          all.delete(wake);
          if (all.size === 0) waiting.delete(runId);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        if (signal.aborted) {
          resolve();
          return;
        }
        all.add(wake);
        waiting.set(runId, all);
        signal.addEventListener('abort', wake, { once: true });
      }),
  };
}
