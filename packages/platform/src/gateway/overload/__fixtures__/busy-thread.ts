import { createFakeClock } from '#time';
import { CallTurns } from '../call-turns.ts';

export interface ThreadCosts {
  /** To read a request off its socket. */
  readonly readMs: number;
  /** To begin a call, and to end it when the model has answered. */
  readonly beginMs: number;
  readonly endMs: number;
  /** To write a refusal. */
  readonly refuseMs: number;
}

export interface ThreadLoad {
  readonly perSecond: number;
  readonly seconds: number;
  /** What the model takes. */
  readonly modelMs: number;
  /** Connections, each with one request at a time; requests that find none are not sent. */
  readonly connections: number;
  /** Equal numbers are one caller. */
  readonly callerOf?: (index: number) => number;
}

export interface ThreadReport {
  readonly okMs: readonly number[];
  /** Callers of the calls that were refused. */
  readonly refused: readonly number[];
  readonly admitted: readonly number[];
  /** When the last refusal was given. */
  readonly lastRefusalMs: number;
}

interface Request {
  readonly caller: number;
  readonly sentMs: number;
}

/** One thread with an event loop in virtual time: what is ready is read, then the callbacks of the turn run; everything costs. */
export class BusyThread {
  nowMs = 0;
  readonly turns: CallTurns<Request>;
  readonly #costs: ThreadCosts;
  readonly #callbacks: (() => void)[] = [];
  /** All take equally long, so that they come in the order of their requests. */
  readonly #replies: { readonly atMs: number; readonly request: Request }[] = [];
  readonly #refusals: Request[] = [];
  readonly #beginnings: Request[] = [];

  constructor(costs: ThreadCosts) {
    this.#costs = costs;
    const clock = { ...createFakeClock(), monotonicMs: () => this.nowMs };
    this.turns = new CallTurns<Request>({ clock, nextTurn: (callback) => void this.#callbacks.push(callback), callerOf: (request) => request.caller });
  }

  /** Runs a load to its end, and until every answer is given. */
  async run(load: ThreadLoad): Promise<ThreadReport> {
    const startMs = this.nowMs;
    const endMs = startMs + load.seconds * 1000;
    const report = { okMs: [] as number[], refused: [] as number[], admitted: [] as number[], lastRefusalMs: -1 };
    const gapMs = 1000 / load.perSecond;
    let sent = 0;
    let busy = 0;
    const pending: Request[] = [];
    const send = (): void => {
      for (; startMs + sent * gapMs <= Math.min(this.nowMs, endMs - gapMs); sent += 1) {
        if (busy >= load.connections) continue;
        busy += 1;
        pending.push({ caller: load.callerOf?.(sent) ?? 0, sentMs: startMs + sent * gapMs });
      }
    };
    const begin = (request: Request): void => {
      this.nowMs += this.#costs.beginMs;
      report.admitted.push(request.caller);
      this.#replies.push({ atMs: this.nowMs + load.modelMs, request });
    };
    for (;;) {
      send();
      const ready = pending.splice(0, 1024);
      const untilReplyMs = this.nowMs;
      for (let reply = this.#replies[0]; reply !== undefined && reply.atMs <= untilReplyMs; reply = this.#replies[0]) {
        this.#replies.shift();
        const { request } = reply;
        this.nowMs += this.#costs.endMs;
        this.turns.leave();
        busy -= 1;
        report.okMs.push(this.nowMs - request.sentMs);
      }
      for (const request of ready) {
        this.nowMs += this.#costs.readMs;
        const turn = this.turns.enter(request);
        if (turn === true) begin(request);
        else if (turn === false) this.#refusals.push(request);
        else void turn.then(() => this.#beginnings.push(request));
      }
      for (const callback of this.#callbacks.splice(0)) {
        callback();
        await Promise.resolve();
        for (const request of this.#beginnings.splice(0)) begin(request);
      }
      const untilMs = this.nowMs + 3;
      while (this.#refusals.length > 0 && this.nowMs < untilMs) {
        const request = this.#refusals.shift();
        this.nowMs += this.#costs.refuseMs;
        busy -= 1;
        report.lastRefusalMs = this.nowMs;
        report.refused.push(request?.caller ?? 0);
      }
      if (ready.length > 0 || this.#callbacks.length > 0 || this.#refusals.length > 0) continue;
      const nextSentMs = startMs + sent * gapMs;
      const next = Math.min(this.#replies[0]?.atMs ?? Number.POSITIVE_INFINITY, nextSentMs <= endMs - gapMs ? nextSentMs : Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY) break;
      this.nowMs = Math.max(this.nowMs, next);
    }
    this.nowMs = Math.max(this.nowMs, endMs);
    return report;
  }
}
