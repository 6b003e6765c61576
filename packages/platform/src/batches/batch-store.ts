import { PlatformError } from '@maru/api/errors';
import type { Selectable } from 'kysely';
import type { Db, Store } from '#store';
import type { BatchEndpoint, BatchInfo, BatchProblem, BatchState } from './batch-info.ts';

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;
type BatchRow = Selectable<Tables['batch_job']>;

/** A line that has not ended. */
export interface OpenLine {
  readonly index: number;
  readonly customId: string;
  readonly startByte: number;
  readonly endByte: number;
}

export interface BatchStore {
  insert(batch: Omit<BatchInfo, 'completed' | 'failed'>): Promise<void>;
  get(id: string, tenant?: string): Promise<BatchInfo>;
  list(
    tenant: string | undefined,
    query: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly batches: readonly BatchInfo[]; readonly more: boolean }>;
  /** Batches that are not over, oldest first. */
  open(): Promise<readonly BatchInfo[]>;
  /** Changes a batch only while it is in one of these states; says whether it did. */
  move(id: string, from: readonly BatchState[], change: BatchChange): Promise<boolean>;
  /** Ends a batch: its files, its counts, and no more lines, all at once. False when it was over already. */
  finish(id: string, end: BatchEnd): Promise<boolean>;
  addLines(id: string, lines: readonly OpenLine[]): Promise<void>;
  dropLines(id: string): Promise<void>;
  /** Lines that have neither ended nor gone to a provider. */
  openLines(id: string, query: { readonly after: number; readonly limit: number }): Promise<readonly OpenLine[]>;
  /** Keeps the outcome of a line. The first one stays: false when there was one already. */
  endLine(id: string, index: number, end: { readonly outcome: 'ok' | 'error'; readonly answer: string }): Promise<boolean>;
  /** Ends all lines that are open and in no part. */
  endOpenLines(id: string, answerOf: (customId: string, index: number) => string): Promise<void>;
  endedLines(
    id: string,
    query: { readonly outcome: 'ok' | 'error'; readonly after: number; readonly limit: number },
  ): Promise<readonly { readonly index: number; readonly answer: string }[]>;
}

interface BatchChange {
  readonly state: BatchState;
  readonly total?: number;
  readonly problems?: readonly BatchProblem[];
  readonly inProgressMs?: number;
  readonly finalizingMs?: number;
  readonly cancellingMs?: number;
  readonly endedMs?: number;
}

interface BatchEnd {
  readonly state: BatchState;
  readonly endedMs: number;
  readonly completed: number;
  readonly failed: number;
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  /** Statements that belong to the same moment. */
  readonly also: (db: Db) => Promise<void>;
}

const OPEN: readonly BatchState[] = ['validating', 'in_progress', 'finalizing', 'cancelling'];
const PAGE = 500;

export function createBatchStore(store: Store): BatchStore {
  const { db } = store;

  const withCounts = async (rows: readonly BatchRow[]): Promise<readonly BatchInfo[]> => {
    if (rows.length === 0) return [];
    const counts = await db
      .selectFrom('batch_line')
      .select(['batch_id', 'outcome', (eb) => eb.fn.countAll<number>().as('lines')])
      .where(
        'batch_id',
        'in',
        rows.map((row) => row.id),
      )
      .where('outcome', 'is not', null)
      .groupBy(['batch_id', 'outcome'])
      .execute();
    const countOf = (id: string, outcome: string): number => Number(counts.find((row) => row.batch_id === id && row.outcome === outcome)?.lines ?? 0);
    return rows.map((row) => fromRow(row, { completed: row.completed + countOf(row.id, 'ok'), failed: row.failed + countOf(row.id, 'error') }));
  };

  const get = async (id: string, tenant?: string): Promise<BatchInfo> => {
    let query = db.selectFrom('batch_job').selectAll().where('id', '=', id);
    if (tenant !== undefined) query = query.where('tenant', '=', tenant);
    const [batch] = await withCounts(await query.execute());
    if (batch === undefined) throw new PlatformError('not_found', { message: `there is no batch "${id.slice(0, 120)}"` });
    return batch;
  };

  return {
    get,
    async insert(batch) {
      await db
        .insertInto('batch_job')
        .values({
          id: batch.id,
          tenant: batch.tenant,
          key_id: batch.keyId,
          endpoint: batch.endpoint,
          input_file_id: batch.inputFileId,
          state: batch.state,
          metadata: batch.metadata === null ? null : JSON.stringify(batch.metadata),
          errors: null,
          output_file_id: null,
          error_file_id: null,
          total: batch.total,
          completed: 0,
          failed: 0,
          created_ms: batch.createdMs,
          in_progress_ms: null,
          expires_ms: batch.expiresMs,
          finalizing_ms: null,
          cancelling_ms: null,
          ended_ms: null,
        })
        .execute();
    },
    async list(tenant, { after, limit }) {
      const from = after === undefined ? undefined : await get(after, tenant);
      let query = db
        .selectFrom('batch_job')
        .selectAll()
        .orderBy('created_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1);
      if (tenant !== undefined) query = query.where('tenant', '=', tenant);
      if (from !== undefined)
        query = query.where((eb) => eb.or([eb('created_ms', '<', from.createdMs), eb.and([eb('created_ms', '=', from.createdMs), eb('id', '<', from.id)])]));
      const rows = await query.execute();
      return { batches: await withCounts(rows.slice(0, limit)), more: rows.length > limit };
    },
    async open() {
      return withCounts(await db.selectFrom('batch_job').selectAll().where('state', 'in', OPEN).orderBy('created_ms').orderBy('id').limit(1000).execute());
    },
    async move(id, from, change) {
      const moved = await db
        .updateTable('batch_job')
        .set({
          state: change.state,
          ...(change.total === undefined ? {} : { total: change.total }),
          ...(change.problems === undefined ? {} : { errors: JSON.stringify(change.problems) }),
          ...(change.inProgressMs === undefined ? {} : { in_progress_ms: change.inProgressMs }),
          ...(change.finalizingMs === undefined ? {} : { finalizing_ms: change.finalizingMs }),
          ...(change.cancellingMs === undefined ? {} : { cancelling_ms: change.cancellingMs }),
          ...(change.endedMs === undefined ? {} : { ended_ms: change.endedMs }),
        })
        .where('id', '=', id)
        .where('state', 'in', from)
        .executeTakeFirst();
      return moved.numUpdatedRows > 0n;
    },
    finish: (id, end) =>
      db.transaction().execute(async (own) => {
        const ended = await own
          .updateTable('batch_job')
          .set({
            state: end.state,
            ended_ms: end.endedMs,
            completed: end.completed,
            failed: end.failed,
            output_file_id: end.outputFileId,
            error_file_id: end.errorFileId,
          })
          .where('id', '=', id)
          .where('state', 'in', OPEN)
          .executeTakeFirst();
        if (ended.numUpdatedRows === 0n) return false;
        await own.deleteFrom('batch_line').where('batch_id', '=', id).execute();
        await own.deleteFrom('batch_part').where('batch_id', '=', id).execute();
        await end.also(own);
        return true;
      }),
    async addLines(id, lines) {
      if (lines.length === 0) return;
      await db
        .insertInto('batch_line')
        .values(
          lines.map((line) => ({
            batch_id: id,
            line_index: line.index,
            custom_id: line.customId,
            start_byte: line.startByte,
            end_byte: line.endByte,
            outcome: null,
            answer: null,
            part_id: null,
            request: null,
          })),
        )
        .execute();
    },
    async dropLines(id) {
      await db.deleteFrom('batch_line').where('batch_id', '=', id).execute();
    },
    async openLines(id, { after, limit }) {
      const rows = await db
        .selectFrom('batch_line')
        .select(['line_index', 'custom_id', 'start_byte', 'end_byte'])
        .where('batch_id', '=', id)
        .where('outcome', 'is', null)
        .where('part_id', 'is', null)
        .where('line_index', '>', after)
        .orderBy('line_index')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ index: row.line_index, customId: row.custom_id, startByte: row.start_byte, endByte: row.end_byte }));
    },
    async endLine(id, index, { outcome, answer }) {
      const ended = await db
        .updateTable('batch_line')
        .set({ outcome, answer, request: null })
        .where('batch_id', '=', id)
        .where('line_index', '=', index)
        .where('outcome', 'is', null)
        .executeTakeFirst();
      return ended.numUpdatedRows > 0n;
    },
    async endOpenLines(id, answerOf) {
      for (;;) {
        const lines = await this.openLines(id, { after: -1, limit: PAGE });
        if (lines.length === 0) return;
        for (const line of lines) await this.endLine(id, line.index, { outcome: 'error', answer: answerOf(line.customId, line.index) });
      }
    },
    async endedLines(id, { outcome, after, limit }) {
      const rows = await db
        .selectFrom('batch_line')
        .select(['line_index', 'answer'])
        .where('batch_id', '=', id)
        .where('outcome', '=', outcome)
        .where('line_index', '>', after)
        .orderBy('line_index')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ index: row.line_index, answer: row.answer ?? '' }));
    },
  };
}

function fromRow(row: BatchRow, counts: { readonly completed: number; readonly failed: number }): BatchInfo {
  return {
    id: row.id,
    tenant: row.tenant,
    keyId: row.key_id,
    endpoint: row.endpoint as BatchEndpoint,
    inputFileId: row.input_file_id,
    state: row.state as BatchState,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Record<string, string>),
    problems: row.errors === null ? [] : (JSON.parse(row.errors) as BatchProblem[]),
    outputFileId: row.output_file_id,
    errorFileId: row.error_file_id,
    total: row.total,
    ...counts,
    createdMs: row.created_ms,
    inProgressMs: row.in_progress_ms,
    expiresMs: row.expires_ms,
    finalizingMs: row.finalizing_ms,
    cancellingMs: row.cancelling_ms,
    endedMs: row.ended_ms,
  };
}
