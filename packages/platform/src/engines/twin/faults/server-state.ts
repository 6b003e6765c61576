import type { Clock, Timer } from '#time';
import type { TwinEngine } from '../twin-engine.ts';
import type { ScheduledFault } from './fault-schedule.ts';

/** Whether a server can be reached, and whether its engine works. */
export interface ServerState {
  /** It takes no connection. */
  isDown(): boolean;
  /** Why its engine is dead; undefined while it works. */
  deadOf(): string | undefined;
  /** Ends all connections and takes none for so long; what the engine was doing is lost, and its cache. */
  crash(downMs: number): void;
  close(): void;
}

export interface ServerStateOptions {
  readonly engine: Pick<TwinEngine, 'crash' | 'disturb'>;
  readonly clock: Clock;
  readonly cutConnections: () => void;
  readonly schedule: readonly ScheduledFault[];
  /** Told when something of the schedule begins. */
  readonly onFault: (fault: ScheduledFault) => void;
}

/** Lets a server fail as a schedule says, from now on. */
export function createServerState(options: ServerStateOptions): ServerState {
  const { engine, clock } = options;
  const timers = new Set<Timer>();
  let downUntilMs = Number.NEGATIVE_INFINITY;
  let dead: string | undefined;

  const later = (ms: number, callback: () => void): void => {
    const timer = clock.schedule(ms, () => {
      timers.delete(timer);
      callback();
    });
    timers.add(timer);
  };
  const crash = (downMs: number): void => {
    downUntilMs = Math.max(downUntilMs, clock.monotonicMs() + downMs);
    dead = undefined;
    engine.crash();
    options.cutConnections();
  };
  const disturb = (factor: number, forMs: number): void => {
    engine.disturb(factor);
    later(forMs, () => engine.disturb(1));
  };
  const befall = (fault: ScheduledFault): void => {
    options.onFault(fault);
    switch (fault.kind) {
      case 'crash':
        crash(fault.forMs);
        break;
      case 'hang':
        disturb(0, fault.forMs);
        break;
      case 'slow':
        disturb(1 / fault.factor, fault.forMs);
        break;
      case 'spot-notice':
        later(fault.noticeMs, () => crash(Number.POSITIVE_INFINITY));
        break;
      case 'xid':
        engine.crash();
        dead = `the GPU reported XID ${fault.code}; the engine is dead`;
        if (fault.forMs !== undefined)
          later(fault.forMs, () => {
            dead = undefined;
          });
        break;
    }
  };
  for (const fault of options.schedule) later(fault.atMs, () => befall(fault));

  return {
    isDown: () => clock.monotonicMs() < downUntilMs,
    deadOf: () => dead,
    crash,
    close: () => {
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
}
