import type { TwinMechanisms } from '@maru/api/resources';
import type { Clock } from '#time';
import type { Pace } from './pace.ts';

/** Sleep as in vLLM: level 1 keeps the weights in the memory of the host, level 2 nothing; keys and values are gone in both. */
export interface Sleep {
  readonly level: 0 | 1 | 2;
  /** At once; what runs waits, to be computed anew. */
  begin(level: 1 | 2): void;
  /** Resolves when the engine works again; at once where it is awake. */
  end(): Promise<void>;
}

export interface SleepOptions {
  readonly start: TwinMechanisms['start'];
  readonly clock: Clock;
  readonly speed: number;
  readonly pace: Pace;
  /** Empties the caches. */
  readonly forget: () => void;
  /** Aborted when the engine closes. */
  readonly signal: AbortSignal;
}

export function createSleep({ start, clock, speed, pace, forget, signal }: SleepOptions): Sleep {
  const { wakeMs = 300, reloadMs = 60_000 } = start ?? {};
  let level: Sleep['level'] = 0;
  let waking: Promise<void> | undefined;
  const wake = async (): Promise<void> => {
    try {
      await clock.sleep((level === 1 ? wakeMs : reloadMs) / speed, signal);
      level = 0;
      pace.asleep(false);
    } finally {
      waking = undefined;
    }
  };
  return {
    get level() {
      return level;
    },
    begin: (wanted) => {
      // The weights that a deeper sleep has dropped do not come back by asking for a lighter one.
      level = level === 2 ? 2 : wanted;
      pace.asleep(true);
      forget();
    },
    end: () => {
      if (level === 0) return Promise.resolve();
      waking ??= wake();
      return waking;
    },
  };
}
