import type { Clock } from '#time';

export interface CallTurnsOptions<Request> {
  readonly clock: Clock;
  /** Calls back after the sockets that are ready were read; what one callback has begun comes to its first wait before the next one. */
  readonly nextTurn: (callback: () => void) => void;
  /** Any number that stays the same for one caller. */
  readonly callerOf: (request: Request) => number;
}

/** Time of each turn of the event loop in which calls begin; the rest is for those that run, and for refusals. */
const BEGIN_MS = 6;
/** So many calls at once are never too many: where they are slow, the machine is busy with something else. */
const FEW_CALLS = 128;
/** The same once there were more, and some had to be refused. */
const FEW_IN_OVERLOAD = 16;
/** Longest queue in a burst. */
const MOST_WAITING = 128;
/** A queue that has stood for longer is no burst. */
const BURST_MS = 300;
/** An overload is over when nobody had to be refused for so long. */
const CALM_MS = 100;
/** Longest queue in an overload, as the time until its end has begun. */
const TARGET_WAIT_MS = 20;
/** Callers are told apart by so many numbers. */
const CALLERS = 64;
/** Weight of the newest turn in the time that a call takes. */
const NEWEST = 0.1;

interface Waiting {
  readonly begin: () => void;
  readonly caller: number;
}

/**
 * Lets calls begin as fast as the thread can carry them. In each turn of the event loop they begin for a few milliseconds, so that those
 * that run are never far behind; others wait. A queue that comes and goes is a burst. One that stands is an overload (the idea of CoDel):
 * then only as many may wait as can begin within a target, and of each caller its share of that, so that a loud one does not shut others out.
 * Calls that wait for a model cost nothing here, however many there are.
 */
export class CallTurns<Request> {
  readonly #options: CallTurnsOptions<Request>;
  readonly #waiting: Waiting[] = [];
  /** Calls that wait, by their callers. */
  readonly #waitingOf = new Uint16Array(CALLERS);
  #callersWaiting = 0;
  #running = 0;
  #refused = 0;
  #lastRefusalMs = Number.NEGATIVE_INFINITY;
  /** Since when calls wait, or have to be refused; undefined while none does. */
  #busySinceMs: number | undefined;
  /** When the first call of this turn came; undefined before it. */
  #turnSinceMs: number | undefined;
  /** One for each that waits: those of the next turn, and those that are left of this one. */
  #steps = 0;
  #stepsLeft = 0;
  #stepsSinceMs = 0;
  #hasBegun = false;
  /** Calls that have begun so far. */
  #begun = 0;
  /** What a call takes of the thread, with all that goes on beside it. */
  #callMs = 1;
  /** The last turn in which some had waited. */
  #last: { readonly atMs: number; readonly begun: number } | undefined;

  constructor(options: CallTurnsOptions<Request>) {
    this.#options = options;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls that were refused so far. */
  get refused(): number {
    return this.#refused;
  }

  /** True: the call may begin. A promise: it may when that resolves. In both cases {@link leave} must follow. False: it is refused. */
  enter(request: Request): boolean | Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#turnSinceMs === undefined) {
      this.#turnSinceMs = nowMs;
      this.#options.nextTurn(this.#closeTurn);
    }
    // Under overload the queue is empty now and then because others were refused.
    if (this.#waiting.length === 0 && !this.#hasRefused(nowMs)) {
      this.#busySinceMs = undefined;
      this.#last = undefined;
      if (nowMs - this.#turnSinceMs < BEGIN_MS) {
        this.#begin();
        return true;
      }
    }
    const caller = this.#options.callerOf(request) % CALLERS;
    this.#busySinceMs ??= nowMs;
    if (this.#isFull(caller, nowMs)) {
      this.#refused += 1;
      this.#lastRefusalMs = nowMs;
      return false;
    }
    this.#count(caller, 1);
    return new Promise((begin) => {
      this.#waiting.push({ begin, caller });
      this.#planStep();
    });
  }

  leave(): void {
    this.#running -= 1;
  }

  #isFull(caller: number, nowMs: number): boolean {
    const waiting = this.#waiting.length;
    if (waiting + this.#running < (this.#hasRefused(nowMs) ? FEW_IN_OVERLOAD : FEW_CALLS)) return false;
    if (waiting >= MOST_WAITING) return true;
    const most = TARGET_WAIT_MS / this.#callMs;
    if (nowMs - (this.#busySinceMs ?? nowMs) < BURST_MS || waiting <= most) return false;
    const own = this.#waitingOf[caller] ?? 0;
    return own > 0 && own * this.#callersWaiting >= most;
  }

  #hasRefused(nowMs: number): boolean {
    return nowMs - this.#lastRefusalMs < CALM_MS;
  }

  #count(caller: number, change: number): void {
    const before = this.#waitingOf[caller] ?? 0;
    this.#waitingOf[caller] = before + change;
    if (before === 0) this.#callersWaiting += 1;
    else if (before + change === 0) this.#callersWaiting -= 1;
  }

  #begin(): void {
    this.#running += 1;
    this.#begun += 1;
  }

  readonly #closeTurn = (): void => {
    this.#turnSinceMs = undefined;
  };

  #planStep(): void {
    this.#steps += 1;
    this.#options.nextTurn(this.#step);
  }

  readonly #step = (): void => {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#stepsLeft === 0) this.#openSteps(nowMs);
    this.#stepsLeft -= 1;
    if (this.#hasBegun && nowMs - this.#stepsSinceMs >= BEGIN_MS) {
      this.#planStep();
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#hasBegun = true;
    this.#begin();
    this.#count(next.caller, -1);
    next.begin();
  };

  /** The first step of a turn learns from the turns since the last such step. */
  #openSteps(nowMs: number): void {
    if (this.#last !== undefined && this.#begun > this.#last.begun) {
      const tookMs = (nowMs - this.#last.atMs) / (this.#begun - this.#last.begun);
      // A pause of the whole process says little about the next call.
      this.#callMs += NEWEST * (Math.min(tookMs, 4 * this.#callMs) - this.#callMs);
    }
    this.#last = { atMs: nowMs, begun: this.#begun };
    this.#stepsLeft = this.#steps;
    this.#stepsSinceMs = nowMs;
    this.#steps = 0;
    this.#hasBegun = false;
  }
}
