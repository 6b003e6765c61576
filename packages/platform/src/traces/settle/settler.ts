import type { Spool, Store } from '#store';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids, type Timer } from '#time';
import type { QueuedEntry } from './queued-entry.ts';
import { settleEntries } from './settle-entries.ts';
import { fromSpoolRecord } from './spool-record.ts';

const SETTLE_EVERY_MS = 200;
const RECORDS_PER_DRAIN = 1_000;
/** The longest rest after a batch. */
const MAX_REST_MS = 5_000;

export interface SettlerDeps {
  readonly store: Store;
  readonly spool: Spool<readonly QueuedEntry[]>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Owns the loop that brings what waits in the spool into the tables. */
export class Settler {
  readonly #deps: SettlerDeps;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #failures = 0;
  #lastMs = 0;
  #closed = false;

  constructor(deps: SettlerDeps) {
    this.#deps = deps;
    // What an earlier process left behind.
    this.wake();
  }

  /** Says that something was appended; it is in the tables a moment later. */
  wake(): void {
    if (this.#closed || this.#timer !== undefined || this.#working !== undefined) return;
    this.#schedule(this.#restMs());
  }

  /** Settles everything that waits. Throws when the database refuses. */
  async flush(): Promise<void> {
    await this.#working?.catch(() => undefined);
    while ((await this.#deps.spool.drain((records) => this.#settle(records), RECORDS_PER_DRAIN)) > 0);
  }

  /** Stops the loop after a last attempt; what the database refuses stays in the spool for the next start. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    try {
      await this.flush();
    } catch (error) {
      this.#deps.log.error({ err: error }, 'spans stay in the spool until the next start');
    }
  }

  /** As long as the last batch took: settling never takes more than half of the thread, whatever the size of a trace. */
  #restMs(): number {
    return Math.min(Math.max(SETTLE_EVERY_MS, this.#lastMs), MAX_REST_MS);
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#deps.clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#working = this.#work().finally(() => {
        this.#working = undefined;
        if (this.#closed) return;
        if (this.#failures > 0)
          this.#schedule(SETTLE_EVERY_MS + backoffMs(this.#failures, { baseMs: SETTLE_EVERY_MS, maxMs: 10_000, random: this.#deps.ids.random }));
        else if (this.#deps.spool.backlogBytes() > 0) this.#schedule(this.#restMs());
      });
    });
  }

  async #work(): Promise<void> {
    const startedMs = this.#deps.clock.monotonicMs();
    try {
      await this.#deps.spool.drain((records) => this.#settle(records), RECORDS_PER_DRAIN);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#deps.log.warn({ err: error, failures: this.#failures }, 'spans could not be written to the database; trying again');
    }
    this.#lastMs = this.#deps.clock.monotonicMs() - startedMs;
  }

  async #settle(records: readonly (Uint8Array | readonly QueuedEntry[])[]): Promise<void> {
    const entries = records.flatMap((record) => {
      if (!(record instanceof Uint8Array)) return record;
      const known = fromSpoolRecord(record);
      if (known === undefined) this.#deps.log.error({ bytes: record.length }, 'a record of the trace spool is not readable and was left out');
      return known ?? [];
    });
    await settleEntries(this.#deps.store, entries);
  }
}
