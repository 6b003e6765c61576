import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '#time';

export interface WatchFilesOptions {
  readonly files: readonly string[];
  readonly clock: Clock;
  /** Quiet time after the last change before `onChange` is called. */
  readonly settleMs?: number;
  readonly onChange: () => void;
}

/** Watches the folders of files (editors replace files, so a watch on the file itself goes blind). */
export function watchFiles(options: WatchFilesOptions): { close(): void } {
  const watchers: FSWatcher[] = [];
  let timer: Timer | undefined;
  const schedule = (): void => {
    timer?.cancel();
    timer = options.clock.schedule(options.settleMs ?? 150, options.onChange);
  };
  for (const folder of new Set(options.files.map((file) => dirname(file)))) {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || /\.(ya?ml|json)$/.test(name)) schedule();
    });
    // A folder that vanishes ends its watch; the resources in force stay.
    watcher.on('error', () => watcher.close());
    watchers.push(watcher);
  }
  return {
    close: () => {
      timer?.cancel();
      for (const watcher of watchers) watcher.close();
    },
  };
}
