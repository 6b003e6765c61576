import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { AdmittedCall, RanAttempt } from './call.ts';
import type { ClientSink } from './client-sink.ts';
import type { Attempt, Plan } from './ports.ts';

/** Runs one attempt; `onBegin` is given the way to abort it. */
export type RunOne = (call: AdmittedCall, attempt: Attempt, onBegin: (abort: (reason: PlatformError) => void) => void) => Promise<RanAttempt>;

export interface HedgeOptions {
  readonly hedge: NonNullable<Plan['hedge']>;
  readonly clock: Clock;
  readonly runOne: RunOne;
  /** Told about the attempt that did not become the answer. */
  readonly onLoser: (ran: RanAttempt) => void;
}

const lost = (): PlatformError => new PlatformError('cancelled', { message: 'another engine answered first' });

/**
 * Runs an attempt, and a second one beside it when the first has shown nothing in time. The first that has something for the client wins;
 * the other one is cancelled and never charged. When both fail, the last failure goes on to the plan.
 */
export function runHedged(call: AdmittedCall, attempt: Attempt, options: HedgeOptions): Promise<RanAttempt> {
  const { hedge, clock, runOne, onLoser } = options;
  return new Promise((resolve, reject) => {
    const aborts: ((reason: PlatformError) => void)[] = [];
    let winner: number | undefined;
    let running = 0;
    let firstFailed: RanAttempt | undefined;

    const claim = (number: number): void => {
      if (winner !== undefined) return;
      winner = number;
      timer.cancel();
      for (const [other, abort] of aborts.entries()) if (other !== number) abort(lost());
    };
    const start = (number: number, each: Attempt): void => {
      running += 1;
      const own = { ...call, sink: claimingSink(call.sink, () => claim(number)) };
      runOne(own, each, (abort) => {
        aborts[number] = abort;
        if (winner !== undefined && winner !== number) abort(lost());
      }).then((ran) => {
        running -= 1;
        settle(number, ran);
      }, reject);
    };
    const settle = (number: number, ran: RanAttempt): void => {
      if (ran.result.kind !== 'failed') claim(number);
      if (winner === number) resolve(ran);
      else if (winner !== undefined) onLoser(ran);
      else if (running > 0) firstFailed = ran;
      else {
        timer.cancel();
        if (firstFailed !== undefined) onLoser(firstFailed);
        resolve(ran);
      }
    };
    const timer = clock.schedule(hedge.afterMs, () => {
      if (winner !== undefined || call.lifetime.reason !== undefined) return;
      const second = hedge.next();
      if (second !== undefined) start(1, second);
    });
    start(0, attempt);
  });
}

/** The client's sink for one of two attempts: whoever starts the answer has won. */
function claimingSink(sink: ClientSink, claim: () => void): ClientSink {
  return {
    hasStarted: () => sink.hasStarted(),
    carriesEvents: () => sink.carriesEvents(),
    start: (status, headers) => {
      claim();
      sink.start(status, headers);
    },
    write: (chunk) => sink.write(chunk),
    onDrain: (callback) => sink.onDrain(callback),
    end: (chunk) => sink.end(chunk),
    cut: (error) => sink.cut(error),
  };
}
