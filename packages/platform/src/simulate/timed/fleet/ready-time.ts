/** How many replicas were ready, over time. */
export interface ReadyTime {
  set(atMs: number, ready: number): void;
  read(untilMs: number): { readonly meanReady: number; readonly mostReady: number };
}

export function createReadyTime(): ReadyTime {
  let area = 0;
  let lastMs = 0;
  let now = 0;
  let most = 0;
  return {
    set: (atMs, ready) => {
      area += now * (atMs - lastMs);
      lastMs = atMs;
      now = ready;
      most = Math.max(most, ready);
    },
    read: (untilMs) => ({ meanReady: untilMs <= 0 ? now : (area + now * Math.max(0, untilMs - lastMs)) / Math.max(untilMs, lastMs), mostReady: most }),
  };
}
