import type { Clock } from '#time';
import type { TraceRequest } from '../trace/trace-request.ts';

/** Lets the requests of a trace arrive in time, each as late as it is due and those that it waits for have ended. */
export interface Arrivals {
  /** Tells that a request has ended, also one that was refused. */
  ended(request: TraceRequest): void;
  /** Requests that wait for others. */
  readonly parked: number;
  /** The trace has no further request. */
  readonly exhausted: boolean;
}

export interface ArrivalsOptions {
  readonly requests: Iterable<TraceRequest>;
  readonly clock: Clock;
  /** 2 lets requests arrive twice as fast; what passes between a request and those that wait for it stays. */
  readonly rateScale: number;
  readonly arrive: (request: TraceRequest) => void;
}

/** Only the next request and those that wait are in memory. */
export function startArrivals(options: ArrivalsOptions): Arrivals {
  const { clock } = options;
  const requests = options.requests[Symbol.iterator]();
  /** Per id, requests that were read and have not ended. */
  const open = new Map<string, number>();
  const waiting = new Map<string, Parked[]>();
  let parked = 0;
  let exhausted = false;

  const release = (entry: Parked): void => {
    entry.open -= 1;
    if (entry.open > 0) return;
    parked -= 1;
    clock.schedule(entry.request.delayMs ?? 0, () => options.arrive(entry.request));
  };

  const take = (request: TraceRequest): void => {
    if (request.id !== undefined) open.set(request.id, (open.get(request.id) ?? 0) + 1);
    const needed = (request.after ?? []).filter((id) => open.has(id) && id !== request.id);
    if (needed.length === 0) {
      if (request.after === undefined) options.arrive(request);
      else clock.schedule(request.delayMs ?? 0, () => options.arrive(request));
      return;
    }
    const entry: Parked = { request, open: needed.length };
    parked += 1;
    for (const id of needed) {
      const list = waiting.get(id);
      if (list === undefined) waiting.set(id, [entry]);
      else list.push(entry);
    }
  };

  // Each arrival schedules the next one, so that the clock never holds more than one of them.
  const next = (): void => {
    const { value, done } = requests.next();
    if (done === true) {
      exhausted = true;
      return;
    }
    clock.schedule(value.atMs / options.rateScale - clock.monotonicMs(), () => {
      take(value);
      next();
    });
  };
  next();

  return {
    get parked() {
      return parked;
    },
    get exhausted() {
      return exhausted;
    },
    ended: ({ id }) => {
      if (id === undefined) return;
      const left = (open.get(id) ?? 1) - 1;
      if (left > 0) return void open.set(id, left);
      open.delete(id);
      const released = waiting.get(id) ?? [];
      waiting.delete(id);
      for (const entry of released) release(entry);
    },
  };
}

interface Parked {
  readonly request: TraceRequest;
  open: number;
}
