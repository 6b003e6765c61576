import type { PlatformError } from '@maru/api/errors';
import type { Clock, Timer } from '#time';
import { BandQueue } from './band-queue.ts';
import { DrainRate } from './drain-rate.ts';
import { costOf } from './fair-source.ts';
import type { FlowSettings } from './flow-settings.ts';
import { type ShedReason, shedError } from './shed.ts';
import type { FlowRequest, Waiter } from './waiter.ts';

/** What becomes of a request that waits; one of the two is called, once, and none after {@link FlowTicket.leave}. */
export interface FlowOutcome {
  /** Its turn has come; it must count as load when this returns. `waitedMs` since it came. */
  go(waitedMs: number): void;
  shed(error: PlatformError): void;
}

/** A place in a queue. */
export interface FlowTicket {
  /** Gives the place up. */
  leave(): void;
}

export interface LaneOptions {
  readonly model: string;
  readonly clock: Clock;
  readonly settings: FlowSettings;
  /** Whether a request could go now. */
  readonly hasRoom: () => boolean;
  readonly onShed: (priority: number, reason: ShedReason) => void;
  readonly onGone: (priority: number, waitedMs: number) => void;
}

/** Room may appear unheard: reports come and other processes end their requests. */
const LOOK_EVERY_MS = 20;

interface Entry {
  readonly outcome: FlowOutcome;
  readonly timer: Timer;
}

/** The queue in front of one model. Work conserving: nobody waits while there is room. */
export class FlowLane {
  readonly #options: LaneOptions;
  readonly #queue: BandQueue;
  readonly #rate = new DrainRate();
  readonly #entries = new Map<Waiter, Entry>();
  #look: Timer | undefined;
  #draining = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#queue = new BandQueue(options.settings.limits);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  sizes(): ReturnType<BandQueue['sizes']> {
    return this.#queue.sizes();
  }

  /** Puts a request into the queue; undefined where it was shed or has gone at once. */
  wait(request: FlowRequest, outcome: FlowOutcome): FlowTicket | undefined {
    const { clock, settings } = this.#options;
    const nowMs = clock.monotonicMs();
    const deadlineMs = Math.min(request.deadlineMs ?? Number.POSITIVE_INFINITY, nowMs + settings.maxWaitMs);
    const waiter: Waiter = { ...request, deadlineMs, sinceMs: nowMs };
    const expectedMs = this.#rate.waitMs(this.#queue.tokensBefore(waiter));
    if (deadlineMs <= nowMs || (expectedMs !== undefined && nowMs + expectedMs > deadlineMs)) {
      this.#shed(waiter, outcome, 'deadline');
      return undefined;
    }
    for (let overflow = this.#queue.overflow(waiter); overflow !== undefined; overflow = this.#queue.overflow(waiter)) {
      if (overflow.out === 'newcomer') {
        this.#shed(waiter, outcome, overflow.reason);
        return undefined;
      }
      this.#drop(overflow.out, overflow.reason);
    }
    if (this.#queue.size === 0) this.#rate.begin(nowMs);
    this.#queue.add(waiter);
    const timer = clock.schedule(deadlineMs - nowMs, () => this.#drop(waiter, 'deadline'));
    this.#entries.set(waiter, { outcome, timer });
    this.drain();
    if (!this.#entries.has(waiter)) return undefined;
    this.#lookLater();
    return { leave: () => void this.#take(waiter, false) };
  }

  /** Something may have become free. */
  drain(): void {
    // What goes may end at once and call back.
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.head(); next !== undefined && this.#options.hasRoom(); next = this.#queue.head()) this.#go(next);
    } finally {
      this.#draining = false;
    }
  }

  #go(waiter: Waiter): void {
    const nowMs = this.#options.clock.monotonicMs();
    const entry = this.#take(waiter, true);
    this.#rate.served(costOf(waiter), nowMs);
    this.#options.onGone(waiter.priority, nowMs - waiter.sinceMs);
    entry?.outcome.go(nowMs - waiter.sinceMs);
  }

  #drop(waiter: Waiter, reason: ShedReason): void {
    const entry = this.#take(waiter, false);
    if (entry !== undefined) this.#shed(waiter, entry.outcome, reason);
  }

  #shed(waiter: Waiter, outcome: FlowOutcome, reason: ShedReason): void {
    const { model, clock, onShed } = this.#options;
    onShed(waiter.priority, reason);
    outcome.shed(
      shedError({ model, priority: waiter.priority, reason, waitedMs: clock.monotonicMs() - waiter.sinceMs, retryAfterS: this.#retryAfterS(waiter) }),
    );
  }

  #take(waiter: Waiter, served: boolean): Entry | undefined {
    const entry = this.#entries.get(waiter);
    if (entry === undefined) return undefined;
    this.#entries.delete(waiter);
    entry.timer.cancel();
    this.#queue.remove(waiter, served);
    if (this.#queue.size === 0) this.#stopLooking();
    return entry;
  }

  /** When what waits now has probably gone. */
  #retryAfterS(waiter: Waiter): number {
    const waitMs = this.#rate.waitMs(this.#queue.tokensBefore(waiter) + costOf(waiter)) ?? 1000;
    return Math.min(60, Math.max(1, Math.ceil(waitMs / 1000)));
  }

  #lookLater(): void {
    this.#look ??= this.#options.clock.schedule(LOOK_EVERY_MS, () => {
      this.#look = undefined;
      this.drain();
      if (this.#queue.size > 0) this.#lookLater();
    });
  }

  #stopLooking(): void {
    this.#look?.cancel();
    this.#look = undefined;
  }
}
