import { setImmediate as nextTurn } from 'node:timers/promises';
import { nanoToUsd } from '@maru/api/records';
import { LiveMap } from '#memory';
import type { Spool } from '#store';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids, type Timer } from '#time';
import type { AccountChange } from './add-to-budgets.ts';
import type { Budget } from './budget.ts';
import { type ChargeRecord, decodeChargeRecord, encodeChargeRecord } from './charge-record.ts';
import { addCharge, moveCharge } from './quota-share.ts';
import type { QuotaShares } from './quota-shares.ts';
import type { Turns } from './turns.ts';

/** Moves charges from the spool to the database, in the background and in order. */
export interface Settlement {
  /** The charge is safe against kill -9 when this returns; throws `storage_full` or `storage_failed`, and then it is not charged. */
  accept(record: ChargeRecord): void;
  /** As `accept`, once it resolves: the charges of one turn of the event loop are one write. */
  acceptSoon(record: ChargeRecord): Promise<void>;
  /** Settles all that is in the spool; throws when the database does not take it. */
  flush(): Promise<void>;
  /** Settles what it can and stops; what is left stays in the spool. */
  close(): Promise<void>;
}

export interface SettlementOptions {
  readonly spool: Spool<ChargeRecord>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly shares: QuotaShares;
  readonly turns: Turns;
  /** Writes a batch; a charge that is there already changes nothing. */
  readonly settleBatch: (records: readonly ChargeRecord[]) => Promise<readonly AccountChange[]>;
  readonly budgets: () => readonly Budget[];
}

const DELAY_MS = 200;
/** Few milliseconds, in which no request is answered where the database is embedded. */
const MAX_BATCH = 100;

export function createSettlement(options: SettlementOptions): Settlement {
  const { spool, clock, ids, log } = options;
  /** Charges that memory counts as unsettled; after a crash there are none, and the spool may still hold some. */
  const unsettled = new LiveMap<string, ChargeRecord>();
  let timer: Timer | undefined;
  let failures = 0;
  let closed = false;

  const handle = async (spooled: readonly (Uint8Array | ChargeRecord)[]): Promise<void> => {
    const records = spooled.map((each) => (each instanceof Uint8Array ? decodeChargeRecord(each) : each)).filter((record) => record !== undefined);
    if (records.length < spooled.length)
      log.error({ count: spooled.length - records.length }, 'charges in the spool have a form that this version can not read: skipped');
    const changes = await options.turns.run(async () => {
      const result = await options.settleBatch(records);
      for (const record of records) if (unsettled.take(record.charge.id) !== undefined) moveToStore(options.shares, record);
      return result;
    });
    for (const change of changes) warnWhenCrossed(change, options.budgets(), log);
  };

  const flush = async (): Promise<void> => {
    // Requests get through between two batches.
    while ((await spool.drain(handle, MAX_BATCH)) > 0) await nextTurn();
  };

  const schedule = (delayMs: number): void => {
    if (closed) return;
    timer ??= clock.schedule(delayMs, () => {
      void flush().then(
        () => {
          failures = 0;
          timer = undefined;
          if (spool.backlogBytes() > 0) schedule(DELAY_MS);
        },
        (error: unknown) => {
          log.error({ error: (error as { code?: unknown }).code, backlogBytes: spool.backlogBytes() }, 'charges could not be settled: they stay in the spool');
          timer = undefined;
          schedule(DELAY_MS + backoffMs(failures, { baseMs: 500, maxMs: 30_000, random: () => ids.random() }));
          failures += 1;
        },
      );
    });
  };

  /** In the same step in which the record becomes visible to `drain`: what is settled is taken out of memory again. */
  const count = (record: ChargeRecord): void => {
    const cost = record.charge.costNanoUsd ?? 0;
    unsettled.set(record.charge.id, record);
    for (const budget of record.budgets) {
      const share = options.shares.find(budget.budgetId, budget.windowStartMs);
      if (share !== undefined) addCharge(share, budget.windowStartMs, cost);
    }
    schedule(DELAY_MS);
  };

  return {
    accept(record) {
      spool.append(encodeChargeRecord(record), record);
      count(record);
    },
    acceptSoon: (record) =>
      new Promise((resolve, reject) => {
        spool.appendSoon(encodeChargeRecord(record), {
          value: record,
          done(error) {
            if (error !== undefined) return reject(error);
            count(record);
            resolve();
          },
        });
      }),
    flush,
    async close() {
      closed = true;
      timer?.cancel();
      try {
        await flush();
      } catch (error) {
        log.error(
          { error: (error as { code?: unknown }).code, backlogBytes: spool.backlogBytes() },
          'stopped with charges in the spool: the next start settles them',
        );
      }
    },
  };
}

function moveToStore(shares: QuotaShares, record: ChargeRecord): void {
  const cost = record.charge.costNanoUsd ?? 0;
  for (const { budgetId, windowStartMs } of record.budgets) {
    const share = shares.find(budgetId, windowStartMs);
    if (share !== undefined) moveCharge(share, windowStartMs, cost);
  }
}

function warnWhenCrossed(change: AccountChange, budgets: readonly Budget[], log: Log): void {
  const budget = budgets.find((each) => each.id === change.budgetId);
  if (budget === undefined) return;
  const before = change.spentNanoUsd - change.addedNanoUsd;
  for (const percent of new Set([budget.warnAtPercent, 100])) {
    const threshold = (budget.capNanoUsd * percent) / 100;
    if (before < threshold && change.spentNanoUsd >= threshold)
      log.warn(
        { budget: budget.id, percent, spentUsd: nanoToUsd(change.spentNanoUsd), limitUsd: nanoToUsd(budget.capNanoUsd) },
        'a budget has reached a threshold',
      );
  }
}
