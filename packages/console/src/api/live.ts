import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let live = true;

/** Starts or pauses polling on every page. */
export function setLive(next: boolean): void {
  live = next;
  for (const listener of listeners) listener();
}

export const useLive = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => live,
  );

/** How often a query is repeated while the page is visible; false while live updates are paused. */
export const usePollMs = (everyMs: number): number | false => (useLive() ? everyMs : false);
