import { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';

/** A clock whose time is that of the next event: an hour passes as fast as its events can be computed. */
export interface VirtualClock extends Clock {
  /** Fires all timers in order of their due times, those of one time in order of their scheduling; also timers that are added meanwhile. */
  run(): void;
  /** Timers fired so far. */
  readonly fired: number;
}

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Starts at 0 on both scales. */
export function createVirtualClock(): VirtualClock {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;
  let fired = 0;

  const schedule = (delayMs: number, callback: () => void): Timer => {
    order += 1;
    const entry: Entry = { dueMs: now + Math.max(0, delayMs), order, callback };
    push(heap, entry);
    return {
      cancel: () => {
        entry.callback = undefined;
      },
    };
  };

  return {
    get fired() {
      return fired;
    },
    nowMs: () => now,
    monotonicMs: () => now,
    schedule,
    sleep: () => Promise.reject(new PlatformError('not_supported', { message: 'nothing sleeps on a virtual clock: it runs without waiting' })),
    run: () => {
      for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
        if (entry.callback === undefined) continue;
        now = entry.dueMs;
        fired += 1;
        entry.callback();
      }
    },
  };
}

const before = (left: Entry, right: Entry): boolean => left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length;
  heap.push(entry);
  while (place > 0) {
    const parent = (place - 1) >>> 1;
    const above = heap[parent];
    if (above === undefined || !before(entry, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = place * 2 + 1;
    let below = heap[child];
    if (below === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, below)) {
      child += 1;
      below = right;
    }
    if (!before(below, last)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
  return top;
}
