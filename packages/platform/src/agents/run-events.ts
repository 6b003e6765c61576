import type { Run, RunStep } from '@maru/api/records';

/** What happens in a run, in order; the names and fields of the control API, with the index of the step added. */
export type RunEvent =
  | { readonly type: 'run-queued'; readonly run: Run }
  | { readonly type: 'step-start'; readonly step: RunStep }
  | { readonly type: 'text-delta'; readonly text: string; readonly index: number; readonly kind: RunStep['kind'] }
  | { readonly type: 'tool-start'; readonly callId: string; readonly tool: string; readonly arguments: unknown; readonly index: number }
  | {
      readonly type: 'tool-end';
      readonly callId: string;
      readonly tool: string;
      readonly result: unknown;
      readonly error?: string;
      readonly index: number;
    }
  | { readonly type: 'step-end'; readonly step: RunStep }
  | { readonly type: 'run-end'; readonly run: Run };

/** The step that an event belongs to; undefined for events of the whole run. */
export function stepOf(event: RunEvent): number | undefined {
  if (event.type === 'run-queued' || event.type === 'run-end') return undefined;
  return event.type === 'step-start' || event.type === 'step-end' ? event.step.index : event.index;
}

export interface RunSubscription {
  /** Text of steps that were open when the subscription began. */
  readonly textSoFar: ReadonlyMap<number, { readonly text: string; readonly kind: RunStep['kind'] }>;
  /** Takes what has come since the last call; empty when nothing has. */
  take(): readonly RunEvent[];
  /** Resolves when something comes, or the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Hands the events of runs in this process to those who watch them; keeps nothing of a run that nobody works on. */
export interface RunHub {
  emit(runId: string, event: RunEvent): void;
  subscribe(runId: string): RunSubscription;
  /** Forgets the open text of a run. */
  forget(runId: string): void;
}

/** Events that a watcher may leave unread; past it the oldest text is dropped, since the log has it. */
const MAX_UNREAD = 10_000;

/** Steps and their ends are kept as long as there is text to drop: a watcher that missed one would show a step for ever. */
function dropOldest(unread: RunEvent[]): void {
  const text = unread.findIndex((event) => event.type === 'text-delta');
  unread.splice(Math.max(text, 0), 1);
}

export function createRunHub(): RunHub {
  const texts = new Map<string, Map<number, { text: string; kind: RunStep['kind'] }>>();
  const watchers = new Map<string, Set<{ unread: RunEvent[]; wake: () => void }>>();

  const keepText = (runId: string, event: RunEvent): void => {
    const index = stepOf(event);
    if (index === undefined) return;
    const open = texts.get(runId) ?? new Map<number, { text: string; kind: RunStep['kind'] }>();
    if (event.type === 'text-delta') open.set(index, { text: (open.get(index)?.text ?? '') + event.text, kind: event.kind });
    else if (event.type === 'step-start' || event.type === 'step-end') open.delete(index);
    texts.set(runId, open);
  };

  return {
    emit(runId, event) {
      keepText(runId, event);
      for (const watcher of watchers.get(runId) ?? []) {
        watcher.unread.push(event);
        if (watcher.unread.length > MAX_UNREAD) dropOldest(watcher.unread);
        watcher.wake();
      }
    },
    subscribe(runId) {
      const watcher = { unread: [] as RunEvent[], wake: (): void => undefined };
      const all = watchers.get(runId) ?? new Set();
      all.add(watcher);
      watchers.set(runId, all);
      return {
        textSoFar: new Map(texts.get(runId) ?? []),
        take: () => watcher.unread.splice(0),
        wait: (signal) =>
          new Promise((resolve) => {
            const done = (): void => {
              signal.removeEventListener('abort', done);
              watcher.wake = () => undefined;
              resolve();
            };
            if (watcher.unread.length > 0 || signal.aborted) {
              resolve();
              return;
            }
            watcher.wake = done;
            signal.addEventListener('abort', done, { once: true });
          }),
        close() {
          all.delete(watcher);
          if (all.size === 0 && watchers.get(runId) === all) watchers.delete(runId);
        },
      };
    },
    forget: (runId) => void texts.delete(runId),
  };
}
