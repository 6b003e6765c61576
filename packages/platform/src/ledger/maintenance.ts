import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { Accounts } from './accounts.ts';
import type { Admission } from './admission.ts';
import type { Keys } from './keys.ts';
import type { QuotaShares } from './quota-shares.ts';

export interface MaintenanceOptions {
  readonly admission: Admission;
  readonly shares: QuotaShares;
  readonly keys: Keys;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly log: Log;
}

const EVERY_MS = 5000;
const IDLE_SHARE_MS = 30_000;

/** Every few seconds: frees what was forgotten, gives back what is idle, reads what others have changed, writes when keys were used. */
export function createMaintenance(options: MaintenanceOptions): { close(): Promise<void> } {
  const { admission, shares, keys, accounts, clock, log } = options;
  const stop = new AbortController();

  const round = async (): Promise<void> => {
    const expired = admission.expire();
    if (expired > 0) log.warn({ expired }, 'reservations were never settled: freed');
    try {
      await shares.releaseIdle(IDLE_SHARE_MS);
      await accounts.refresh();
      await keys.flushLastUsed();
    } catch (error) {
      log.warn({ error: (error as { code?: unknown }).code }, 'the ledger could not tidy up: it tries again');
    }
  };

  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(EVERY_MS, stop.signal).catch(() => undefined);
      if (!stop.signal.aborted) await round();
    }
  };

  const running = loop();
  return {
    close() {
      stop.abort();
      return running;
    },
  };
}
