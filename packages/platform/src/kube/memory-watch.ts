import type { WatchEvent } from './kube.ts';
import type { KubeObject } from './object.ts';

interface MemoryWatchOptions {
  readonly matches: (object: KubeObject) => boolean;
  /** Only events after this version. */
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
}

/** The event log behind a memory cluster and the watches that read it. */
export interface MemoryWatch {
  emit(event: WatchEvent, version: number): void;
  open(options: MemoryWatchOptions): AsyncIterable<WatchEvent>;
  /** Ends every open watch. */
  drop(): void;
}

export function createMemoryWatch(): MemoryWatch {
  const log: { readonly event: WatchEvent; readonly version: number }[] = [];
  let wake: (() => void)[] = [];
  let epoch = 0;
  const wakeAll = (): void => {
    const waiting = wake;
    wake = [];
    for (const resume of waiting) resume();
  };

  async function* open(options: MemoryWatchOptions): AsyncGenerator<WatchEvent> {
    const born = epoch;
    let index = log.findIndex((entry) => entry.version > options.after);
    if (index < 0) index = log.length;
    options.signal?.addEventListener('abort', wakeAll, { once: true });
    while (epoch === born && options.signal?.aborted !== true) {
      const entry = log[index];
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          wake.push(resolve);
        });
        continue;
      }
      index += 1;
      if (options.matches(entry.event.object)) yield entry.event;
    }
  }

  return {
    emit(event, version) {
      log.push({ event, version });
      wakeAll();
    },
    open,
    drop() {
      epoch += 1;
      wakeAll();
    },
  };
}
