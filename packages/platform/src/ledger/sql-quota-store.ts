import { type ExpressionBuilder, sql } from 'kysely';
import type { Db, Store } from '#store';
import type { Clock } from '#time';
import { lockQuotas } from './lock-quotas.ts';
import { type Bucket, decideQuotas, type QuotaAnswer, type QuotaAsk, type QuotaStore, type QuotaView } from './quota-store.ts';

/** SQL of the tables `quota`, `quota_spent` and `quota_slice`. Its clock is that of the database server, or of this machine for an embedded one. */
export function createSqlQuotaStore(store: Store, clock: Clock): QuotaStore {
  const { db } = store;
  const nowIn = async (tx: Db): Promise<number> => {
    if (store.dialect === 'sqlite') return clock.nowMs();
    const { rows } = await sql<{ now: number }>`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(tx);
    return rows[0]?.now ?? clock.nowMs();
  };
  return {
    exchange: (asks) =>
      db.transaction().execute(async (tx) => {
        const quotas = await lockQuotas(
          tx,
          store.dialect,
          asks.map((ask) => ask.id),
        );
        const nowMs = await nowIn(tx);
        const shares = await readShares(tx, asks);
        const isNew = (ask: QuotaAsk): boolean =>
          !(shares.get(keyOf(ask)) ?? []).some((share) => share.holder === ask.holder && share.reported >= ask.reportNumber);
        await addSpent(
          tx,
          asks.filter(isNew).flatMap((ask) => ask.report.map(([startMs, amount]) => ({ quota_id: ask.id, start_ms: startMs, spent: amount }))),
        );
        const spent = await readSpent(tx, asks, nowMs);
        if ([...shares.values()].some((rows) => rows.some((row) => row.expires_ms <= nowMs)))
          await dropExpired(
            tx,
            asks.map((ask) => ask.id),
            nowMs,
          );
        const views = asks.map((ask): QuotaView => {
          const others = (shares.get(keyOf(ask)) ?? []).filter((share) => share.holder !== ask.holder && share.expires_ms > nowMs);
          return { spent: spent.get(keyOf(ask)) ?? [], others, ...(quotas.get(ask.id) ?? { recall: 0, recalledMs: 0 }), nowMs };
        });
        const answers = decideQuotas(asks, views);
        const recalled = asks.filter((_ask, index) => answers[index]?.recalls === true).map((ask) => ask.id);
        await writeShares(tx, { asks, answers, nowMs });
        if (recalled.length > 0)
          await tx
            .updateTable('quota')
            .set((eb) => ({ recall: eb('recall', '+', 1), recalled_ms: nowMs }))
            .where('id', 'in', recalled)
            .execute();
        return { answers, nowMs };
      }),
    async read(ids) {
      const nowMs = await nowIn(db);
      const uses = new Map<string, { spent: Bucket[]; held: Bucket[] }>();
      const useOf = (id: string): { spent: Bucket[]; held: Bucket[] } => {
        const known = uses.get(id) ?? { spent: [], held: [] };
        uses.set(id, known);
        return known;
      };
      for (let from = 0; from < ids.length; from += MAX_IDS) {
        const some = ids.slice(from, from + MAX_IDS);
        const spent = await db.selectFrom('quota_spent').selectAll().where('quota_id', 'in', some).orderBy('start_ms').execute();
        for (const row of spent) useOf(row.quota_id).spent.push([row.start_ms, row.spent]);
        const held = await db
          .selectFrom('quota_slice')
          .select(['quota_id', 'start_ms'])
          .select((eb) => eb.fn.sum<number>('granted').as('granted'))
          .where('quota_id', 'in', some)
          .where('expires_ms', '>', nowMs)
          .groupBy(['quota_id', 'start_ms'])
          .execute();
        for (const row of held) useOf(row.quota_id).held.push([row.start_ms, Number(row.granted)]);
      }
      return { uses, nowMs };
    },
    async recalled(holder) {
      const rows = await db
        .selectFrom('quota_slice')
        .innerJoin('quota', 'quota.id', 'quota_slice.quota_id')
        .select(['quota_slice.quota_id', 'quota_slice.start_ms', 'quota.recall'])
        .where('quota_slice.holder', '=', holder)
        .whereRef('quota_slice.seen', '<', 'quota.recall')
        .execute();
      return rows.map((row) => ({ id: row.quota_id, startMs: row.start_ms, holder, recall: row.recall }));
    },
    async release({ id, startMs, holder }) {
      await db.deleteFrom('quota_slice').where('quota_id', '=', id).where('start_ms', '=', startMs).where('holder', '=', holder).execute();
    },
    async releaseRuns(prefix) {
      await db
        .deleteFrom('quota_slice')
        .where(sql<string>`substr(holder, 1, ${sql.lit(prefix.length)})`, '=', prefix)
        .where((eb) => eb.or([eb('quota_id', 'not like', 'rate/%'), eb('quota_id', 'like', 'rate/%/concurrent')]))
        .execute();
    },
  };
}

// Both databases take this many values in one statement.
const MAX_IDS = 500;

const keyOf = (of: { readonly id: string; readonly startMs: number }): string => `${of.id}@${of.startMs}`;

/** Adds what was used up to the windows and steps in which it counts; amounts below nothing are never given. */
async function addSpent(tx: Db, rows: readonly { quota_id: string; start_ms: number; spent: number }[]): Promise<void> {
  const given = rows.filter((row) => row.spent > 0);
  if (given.length === 0) return;
  await tx
    .insertInto('quota_spent')
    .values(given)
    .onConflict((conflict) =>
      conflict.columns(['quota_id', 'start_ms']).doUpdateSet((eb) => ({ spent: eb('quota_spent.spent', '+', eb.ref('excluded.spent')) })),
    )
    .execute();
}

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;

async function readSpent(tx: Db, asks: readonly QuotaAsk[], nowMs: number): Promise<ReadonlyMap<string, readonly Bucket[]>> {
  // What left a rolling window is never read again.
  for (const { id, rolling } of asks)
    if (rolling !== undefined)
      await tx
        .deleteFrom('quota_spent')
        .where('quota_id', '=', id)
        .where('start_ms', '<=', nowMs - rolling.steps * rolling.stepMs)
        .execute();
  const rows = await tx
    .selectFrom('quota_spent')
    .select(['quota_id', 'start_ms', 'spent'])
    .where((eb) => eb.or(asks.map((ask) => wantedSpent(eb, ask))))
    .orderBy('start_ms')
    .execute();
  const found = new Map<string, Bucket[]>();
  for (const ask of asks)
    found.set(
      keyOf(ask),
      rows.filter((row) => row.quota_id === ask.id && (ask.rolling !== undefined || row.start_ms === ask.startMs)).map((row) => [row.start_ms, row.spent]),
    );
  return found;
}

function wantedSpent(eb: ExpressionBuilder<Tables, 'quota_spent'>, ask: QuotaAsk) {
  return ask.rolling === undefined ? eb.and([eb('quota_id', '=', ask.id), eb('start_ms', '=', ask.startMs)]) : eb('quota_id', '=', ask.id);
}

type ShareRow = Tables['quota_slice'];

async function readShares(tx: Db, asks: readonly QuotaAsk[]): Promise<ReadonlyMap<string, readonly ShareRow[]>> {
  const rows = await tx
    .selectFrom('quota_slice')
    .selectAll()
    .where(
      'quota_id',
      'in',
      asks.map((ask) => ask.id),
    )
    .execute();
  return Map.groupBy(rows, (row) => keyOf({ id: row.quota_id, startMs: row.start_ms }));
}

/** Shares that have run out count no longer; their rows go when somebody asks for the quota. */
async function dropExpired(tx: Db, ids: readonly string[], nowMs: number): Promise<void> {
  await tx.deleteFrom('quota_slice').where('quota_id', 'in', ids).where('expires_ms', '<=', nowMs).execute();
}

async function writeShares(tx: Db, given: { asks: readonly QuotaAsk[]; answers: readonly QuotaAnswer[]; nowMs: number }): Promise<void> {
  const { asks, answers, nowMs } = given;
  const rows = asks.flatMap((ask, index) => {
    const answer = answers[index];
    if (answer === undefined) return [];
    return [
      {
        quota_id: ask.id,
        start_ms: ask.startMs,
        holder: ask.holder,
        granted: answer.granted,
        expires_ms: nowMs + ask.ttlMs,
        seen: answer.seen,
        reported: ask.reportNumber,
        promised: answer.promised,
      },
    ];
  });
  await tx
    .insertInto('quota_slice')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['quota_id', 'start_ms', 'holder']).doUpdateSet((eb) => ({
        granted: eb.ref('excluded.granted'),
        expires_ms: eb.ref('excluded.expires_ms'),
        seen: eb.ref('excluded.seen'),
        reported: eb.ref('excluded.reported'),
        promised: eb.ref('excluded.promised'),
      })),
    )
    .execute();
}
