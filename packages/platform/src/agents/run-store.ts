import { PlatformError } from '@maru/api/errors';
import type { Usage } from '@maru/api/records';
import type { Db, Store } from '#store';
import type { Clock } from '#time';
import { END_STATES, type NewRunRow, OPEN_STATES, type RunRow } from './run-row.ts';

/** The right to work on a run, until somebody with a higher fence has it. */
export interface Claim {
  readonly runId: string;
  readonly holder: string;
  readonly fence: number;
}

export interface RunEnd {
  readonly state: (typeof END_STATES)[number];
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly usage?: Usage;
}

/** Rows of runs, and the leases on them. */
export interface RunStore {
  /** False when a run with this id exists already. */
  insert(row: NewRunRow): Promise<boolean>;
  get(id: string): Promise<RunRow | undefined>;
  /** Takes the lease of a queued or running run that nobody holds; undefined when it is held or ended. */
  claim(id: string, holder: string): Promise<{ claim: Claim; row: RunRow } | undefined>;
  /** Holds the lease for longer and adds to the time worked; throws `lease_lost` when it is gone. */
  renew(claim: Claim, workedMs: number): Promise<{ cancelRequested: boolean }>;
  /** Throws `lease_lost` when the lease has gone to another; inside a transaction it keeps others out until the end. */
  guard(db: Db, claim: Claim): Promise<void>;
  end(claim: Claim, end: RunEnd): Promise<RunRow>;
  /** Gives the lease up: the run waits for a person, or for the next process. */
  pause(claim: Claim, state: 'waiting' | 'queued'): Promise<void>;
  /** Ends a run that nobody works on, or asks its holder to end it. */
  requestCancel(id: string): Promise<RunRow | undefined>;
  /** A waiting run becomes queued again. */
  requeue(id: string): Promise<void>;
  /** Runs to work on whose lease has run out, oldest first. */
  unattended(limit: number): Promise<readonly string[]>;
  /** Ends the leases of all holders but `holder`. */
  dropLeases(holder: string): Promise<void>;
}

export function createRunStore(store: Store, clock: Clock, leaseTtlMs: number): RunStore {
  const { db } = store;
  const lost = (claim: Claim): PlatformError =>
    new PlatformError('lease_lost', { message: `run ${claim.runId} is worked on by another process`, details: { runId: claim.runId } });

  const guard = async (on: Db, claim: Claim): Promise<void> => {
    const result = await on
      .updateTable('agent_run')
      .set({ lease_until_ms: clock.nowMs() + leaseTtlMs })
      .where('id', '=', claim.runId)
      .where('lease_holder', '=', claim.holder)
      .where('lease_fence', '=', claim.fence)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) throw lost(claim);
  };
  const get = (id: string): Promise<RunRow | undefined> => db.selectFrom('agent_run').selectAll().where('id', '=', id).executeTakeFirst();

  return {
    guard,
    get,
    async insert(row) {
      const result = await db
        .insertInto('agent_run')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async claim(id, holder) {
      const nowMs = clock.nowMs();
      const row = await db
        .updateTable('agent_run')
        .set((eb) => ({
          state: 'running',
          started_ms: eb.fn.coalesce('started_ms', eb.val(nowMs)),
          lease_holder: holder,
          lease_fence: eb('lease_fence', '+', 1),
          lease_until_ms: nowMs + leaseTtlMs,
        }))
        .where('id', '=', id)
        .where('state', 'in', [...OPEN_STATES])
        .where('lease_until_ms', '<=', nowMs)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? undefined : { claim: { runId: id, holder, fence: row.lease_fence }, row };
    },
    async renew(claim, workedMs) {
      const row = await db
        .updateTable('agent_run')
        .set((eb) => ({ lease_until_ms: clock.nowMs() + leaseTtlMs, active_ms: eb('active_ms', '+', workedMs) }))
        .where('id', '=', claim.runId)
        .where('lease_holder', '=', claim.holder)
        .where('lease_fence', '=', claim.fence)
        .returning('cancel_requested')
        .executeTakeFirst();
      if (row === undefined) throw lost(claim);
      return { cancelRequested: row.cancel_requested !== 0 };
    },
    async end(claim, end) {
      const row = await db
        .updateTable('agent_run')
        .set({
          state: end.state,
          ended_ms: clock.nowMs(),
          output: end.output === undefined ? null : JSON.stringify(end.output),
          error_code: end.error?.code ?? null,
          error_message: end.error?.message ?? null,
          usage: end.usage === undefined ? null : JSON.stringify(end.usage),
          lease_holder: null,
          lease_until_ms: 0,
        })
        .where('id', '=', claim.runId)
        .where('lease_holder', '=', claim.holder)
        .where('lease_fence', '=', claim.fence)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw lost(claim);
      return row;
    },
    async pause(claim, state) {
      await db
        .updateTable('agent_run')
        .set({ state, lease_holder: null, lease_until_ms: 0 })
        .where('id', '=', claim.runId)
        .where('lease_holder', '=', claim.holder)
        .where('lease_fence', '=', claim.fence)
        .execute();
    },
    async requestCancel(id) {
      const nowMs = clock.nowMs();
      await db
        .updateTable('agent_run')
        .set({ cancel_requested: 1 })
        .where('id', '=', id)
        .where('state', 'not in', [...END_STATES])
        .execute();
      await db
        .updateTable('agent_run')
        .set((eb) => ({ state: 'cancelled', ended_ms: nowMs, lease_holder: null, lease_until_ms: 0, lease_fence: eb('lease_fence', '+', 1) }))
        .where('id', '=', id)
        .where('state', 'not in', [...END_STATES])
        .where('lease_until_ms', '<=', nowMs)
        .execute();
      return get(id);
    },
    async requeue(id) {
      await db.updateTable('agent_run').set({ state: 'queued' }).where('id', '=', id).where('state', '=', 'waiting').execute();
    },
    async dropLeases(holder) {
      await db
        .updateTable('agent_run')
        .set({ lease_until_ms: 0 })
        .where('state', 'in', [...OPEN_STATES])
        .where('lease_holder', '!=', holder)
        .execute();
    },
    async unattended(limit) {
      const rows = await db
        .selectFrom('agent_run')
        .select('id')
        .where('state', 'in', [...OPEN_STATES])
        .where('lease_until_ms', '<=', clock.nowMs())
        .orderBy('created_ms')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },
  };
}
