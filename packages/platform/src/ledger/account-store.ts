import { sql } from 'kysely';
import type { Store } from '#store';
import { type Account, type AccountLevel, parseStoredSpec } from './account.ts';

export interface AccountFilters {
  readonly level?: AccountLevel | undefined;
  readonly parent?: string | undefined;
  /** Part of the name, in any case. */
  readonly text?: string | undefined;
}

/** Where a page begins: behind this account. */
export interface AccountPlace {
  readonly createdMs: number;
  readonly id: string;
}

/** SQL of the table `account`. */
export interface AccountStore {
  put(account: Omit<Account, 'source'>, atMs: number): Promise<Account>;
  byIds(ids: readonly string[]): Promise<readonly Account[]>;
  /** In the order in which they were made. */
  list(filters: AccountFilters, page?: { readonly after: AccountPlace | undefined; readonly limit: number }): Promise<readonly Account[]>;
  /** False when there was none. */
  remove(id: string): Promise<boolean>;
}

// Both databases take this many values in one statement.
const MAX_IDS = 500;

export function createAccountStore(store: Store): AccountStore {
  const { db } = store;
  return {
    async put(account, atMs) {
      const values = {
        level: account.level,
        name: account.name,
        parent: account.spec.parent ?? null,
        spec: JSON.stringify(account.spec),
        metadata: JSON.stringify(account.metadata),
        updated_ms: atMs,
      };
      const row = await db
        .insertInto('account')
        .values({ id: account.id, ...values, created_ms: atMs })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow();
      return toAccount(row);
    },
    async byIds(ids) {
      const found: Account[] = [];
      for (let from = 0; from < ids.length; from += MAX_IDS) {
        const rows = await db
          .selectFrom('account')
          .selectAll()
          .where('id', 'in', ids.slice(from, from + MAX_IDS))
          .execute();
        found.push(...rows.map(toAccount));
      }
      return found;
    },
    async list({ level, parent, text }, page) {
      let rows = db.selectFrom('account').selectAll().orderBy('created_ms').orderBy('id');
      if (level !== undefined) rows = rows.where('level', '=', level);
      if (parent !== undefined) rows = rows.where('parent', '=', parent);
      if (text !== undefined) rows = rows.where((eb) => sql<boolean>`lower(${eb.ref('name')}) like ${`%${escapeLike(text.toLowerCase())}%`} escape '!'`);
      if (page !== undefined) rows = rows.limit(page.limit);
      const after = page?.after;
      if (after !== undefined)
        rows = rows.where((eb) => eb.or([eb('created_ms', '>', after.createdMs), eb.and([eb('created_ms', '=', after.createdMs), eb('id', '>', after.id)])]));
      return (await rows.execute()).map(toAccount);
    },
    async remove(id) {
      const removed = await db.deleteFrom('account').where('id', '=', id).returning('id').executeTakeFirst();
      return removed !== undefined;
    },
  };
}

const escapeLike = (text: string): string => text.replace(/[!%_]/g, '!$&');

interface AccountRow {
  readonly id: string;
  readonly level: string;
  readonly name: string;
  readonly spec: string;
  readonly metadata: string | null;
  readonly created_ms: number;
  readonly updated_ms: number;
}

const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  level: row.level as AccountLevel,
  name: row.name,
  spec: parseStoredSpec(row.spec),
  metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, unknown>),
  source: 'api',
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
});
