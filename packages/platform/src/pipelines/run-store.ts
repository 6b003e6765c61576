import { PlatformError } from '@maru/api/errors';
import type { PipelineStep } from '@maru/api/resources';
import type { Db, Store } from '#store';
import type { Clock } from '#time';
import { type END_STATES, type NewRunRow, OPEN_STATES, type RunRow, type StepRow } from './run-row.ts';

/** The right to work on a run, until somebody with a higher fence has it. */
export interface Claim {
  readonly runId: string;
  readonly holder: string;
  readonly fence: number;
}

export interface Ending {
  readonly state: (typeof END_STATES)[number];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Rows of runs and steps, and the leases on them; every write of a holder fails with `lease_lost` once the lease has gone. */
export interface RunStore {
  /** Writes a run with all its steps; false when a run with this id exists already. */
  insert(row: NewRunRow, steps: readonly PipelineStep[]): Promise<boolean>;
  get(id: string): Promise<{ row: RunRow; steps: readonly StepRow[] } | undefined>;
  claim(id: string, holder: string): Promise<{ claim: Claim; row: RunRow; steps: readonly StepRow[] } | undefined>;
  renew(claim: Claim): Promise<{ cancelRequested: boolean }>;
  beginStep(claim: Claim, name: string): Promise<StepRow>;
  endStep(claim: Claim, name: string, end: Ending & { readonly output?: unknown }): Promise<StepRow>;
  end(claim: Claim, end: Ending): Promise<void>;
  /** Gives the lease up, so that the next process takes the run at once. */
  release(claim: Claim): Promise<void>;
  /** Ends a run that nobody works on, or asks its holder to end it. */
  requestCancel(id: string): Promise<void>;
  /** Ends the leases of all holders but `holder`. */
  dropLeases(holder: string): Promise<void>;
  unattended(limit: number): Promise<readonly string[]>;
}

export function createRunStore(store: Store, clock: Clock, leaseTtlMs: number): RunStore {
  const { db } = store;
  const lost = (claim: Claim): PlatformError => new PlatformError('lease_lost', { message: `run ${claim.runId} is worked on by another process` });
  const stepsOf = (on: Db, runId: string): Promise<StepRow[]> =>
    on.selectFrom('pipeline_step').selectAll().where('run_id', '=', runId).orderBy('step_index').execute();

  /** Holds the lease for longer; inside a transaction it also keeps others out until the end. */
  const guard = async (on: Db, claim: Claim): Promise<{ cancel_requested: number }> => {
    const row = await on
      .updateTable('pipeline_run')
      .set({ lease_until_ms: clock.nowMs() + leaseTtlMs })
      .where('id', '=', claim.runId)
      .where('lease_holder', '=', claim.holder)
      .where('lease_fence', '=', claim.fence)
      .returning('cancel_requested')
      .executeTakeFirst();
    if (row === undefined) throw lost(claim);
    return row;
  };
  const guarded = <T>(claim: Claim, work: (on: Db) => Promise<T>): Promise<T> =>
    db.transaction().execute(async (on) => {
      await guard(on, claim);
      return work(on);
    });
  const free = { lease_holder: null, lease_until_ms: 0 };

  return {
    insert: (row, steps) =>
      db.transaction().execute(async (on) => {
        const inserted = await on
          .insertInto('pipeline_run')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst();
        if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
        await on
          .insertInto('pipeline_step')
          .values(
            steps.map((step, index) => ({
              run_id: row.id,
              step_index: index,
              name: step.name,
              type: step.type,
              state: 'queued',
              attempt: 0,
              started_ms: null,
              ended_ms: null,
              output: null,
              error_code: null,
              error_message: null,
            })),
          )
          .execute();
        return true;
      }),
    async get(id) {
      const row = await db.selectFrom('pipeline_run').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : { row, steps: await stepsOf(db, id) };
    },
    async claim(id, holder) {
      const nowMs = clock.nowMs();
      const row = await db
        .updateTable('pipeline_run')
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
      if (row === undefined) return undefined;
      return { claim: { runId: id, holder, fence: row.lease_fence }, row, steps: await stepsOf(db, id) };
    },
    renew: async (claim) => ({ cancelRequested: (await guard(db, claim)).cancel_requested !== 0 }),
    beginStep: (claim, name) =>
      guarded(claim, (on) =>
        on
          .updateTable('pipeline_step')
          .set((eb) => ({ state: 'running', attempt: eb('attempt', '+', 1), started_ms: clock.nowMs(), ended_ms: null, error_code: null, error_message: null }))
          .where('run_id', '=', claim.runId)
          .where('name', '=', name)
          .returningAll()
          .executeTakeFirstOrThrow(),
      ),
    endStep: (claim, name, end) =>
      guarded(claim, (on) =>
        on
          .updateTable('pipeline_step')
          .set({
            state: end.state,
            ended_ms: clock.nowMs(),
            output: end.output === undefined ? null : JSON.stringify(end.output),
            error_code: end.error?.code ?? null,
            error_message: end.error?.message ?? null,
          })
          .where('run_id', '=', claim.runId)
          .where('name', '=', name)
          .returningAll()
          .executeTakeFirstOrThrow(),
      ),
    end: (claim, end) =>
      guarded(claim, async (on) => {
        await on
          .updateTable('pipeline_run')
          .set({ state: end.state, ended_ms: clock.nowMs(), error_code: end.error?.code ?? null, error_message: end.error?.message ?? null, ...free })
          .where('id', '=', claim.runId)
          .execute();
      }),
    async release(claim) {
      await db
        .updateTable('pipeline_run')
        .set({ state: 'queued', ...free })
        .where('id', '=', claim.runId)
        .where('lease_holder', '=', claim.holder)
        .where('lease_fence', '=', claim.fence)
        .execute();
    },
    async requestCancel(id) {
      await db
        .updateTable('pipeline_run')
        .set({ cancel_requested: 1 })
        .where('id', '=', id)
        .where('state', 'in', [...OPEN_STATES])
        .execute();
    },
    async dropLeases(holder) {
      await db
        .updateTable('pipeline_run')
        .set({ lease_until_ms: 0 })
        .where('state', 'in', [...OPEN_STATES])
        .where('lease_holder', '!=', holder)
        .execute();
    },
    async unattended(limit) {
      const rows = await db
        .selectFrom('pipeline_run')
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
