import type { Clock } from '#time';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** True time of a simulation: events run in their order, and nothing waits in between. */
export interface VirtualTime {
  nowMs(): number;
  at(delayMs: number, run: () => void): void;
  /** Stands still until work outside of the simulation is done, such as a statement of a real database. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Runs events until `isDone`, letting promises settle after each. */
  run(isDone: () => boolean): Promise<void>;
}

export function createVirtualTime(startMs: number): VirtualTime {
  const heap: Event[] = [];
  let nowMs = startMs;
  let order = 0;
  const outside = new Set<Promise<unknown>>();
  return {
    nowMs: () => nowMs,
    at(delayMs, run) {
      order += 1;
      push(heap, { atMs: nowMs + Math.max(0, delayMs), order, run });
    },
    during(work) {
      const watched: Promise<unknown> = work.then(
        () => outside.delete(watched),
        () => outside.delete(watched),
      );
      outside.add(watched);
      return work;
    },
    async run(isDone) {
      for (let event = pop(heap); event !== undefined && !isDone(); event = pop(heap)) {
        nowMs = Math.max(nowMs, event.atMs);
        event.run();
        await settled();
        while (outside.size > 0) {
          await Promise.all(outside);
          await settled();
        }
      }
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The clock of one machine: it may be wrong by `skewMs`, run faster or slower by `drift`, and a dead process never hears its timers. */
export function machineClock(time: VirtualTime, machine: { readonly skewMs: number; readonly drift: number; readonly isAlive: () => boolean }): Clock {
  const bornMs = time.nowMs();
  const own = (): number => (time.nowMs() - bornMs) * (1 + machine.drift);
  const schedule: Clock['schedule'] = (delayMs, callback) => {
    let cancelled = false;
    time.at(delayMs / (1 + machine.drift), () => {
      if (!cancelled && machine.isAlive()) callback();
    });
    return {
      cancel() {
        cancelled = true;
      },
    };
  };
  return {
    nowMs: () => Math.floor(bornMs + machine.skewMs + own()),
    monotonicMs: own,
    schedule,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        schedule(delayMs, resolve);
      }),
  };
}

const before = (left: Event, right: Event): boolean => left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);

function push(heap: Event[], event: Event): void {
  heap.push(event);
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !before(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    let child = heap[below];
    if (child === undefined) break;
    const right = heap[below + 1];
    if (right !== undefined && before(right, child)) {
      below += 1;
      child = right;
    }
    if (!before(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}
