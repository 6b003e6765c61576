import type { BudgetSpec, LimitsSpec } from '@maru/api/resources';
import type { Store } from '#store';
import { type KeyInfo, toPrincipal } from './key-info.ts';
import type { Principal } from './principal.ts';

export interface StoredKey {
  readonly info: KeyInfo;
  readonly hash: string;
  readonly oldHash: string | undefined;
  readonly principal: Principal;
}

export interface KeyFilters {
  readonly tenant?: string | undefined;
  readonly user?: string | undefined;
  readonly name?: string | undefined;
}

/** What the claims of tokens say of a caller. */
interface CallerRow {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly tenant: string;
  readonly user: string;
  /** Absent where the claims say nothing: then people may set them. */
  readonly models?: readonly string[];
  readonly tags?: readonly string[];
  readonly createdMs: number;
}

/** SQL of the table `api_key`. */
export interface KeyStore {
  insert(info: KeyInfo, hash: string): Promise<void>;
  /** Makes the row of a caller with tokens, or changes what the claims say of it; what people have set stays. */
  putCaller(caller: CallerRow): Promise<KeyInfo>;
  /** By the hash of the secret, or of the secret before the last rotation. */
  byHash(hash: string): Promise<StoredKey | undefined>;
  byId(id: string): Promise<StoredKey | undefined>;
  list(filters: KeyFilters): Promise<readonly KeyInfo[]>;
  /** Writes the settings of a key. */
  update(info: KeyInfo): Promise<void>;
  rotate(id: string, next: { readonly hash: string; readonly prefix: string; readonly oldHash: string; readonly oldUntilMs: number }): Promise<void>;
  revoke(id: string, atMs: number): Promise<void>;
  remove(id: string): Promise<void>;
  touch(lastUsed: ReadonlyMap<string, number>): Promise<void>;
}

export function createKeyStore(store: Store): KeyStore {
  const { db } = store;
  return {
    async insert(info, hash) {
      await db
        .insertInto('api_key')
        .values({
          id: info.id,
          hash,
          prefix: info.prefix,
          created_ms: info.createdMs,
          old_hash: null,
          old_until_ms: null,
          revoked_ms: null,
          last_used_ms: null,
          ...toColumns(info),
        })
        .execute();
    },
    async putCaller({ id, prefix, name, tenant, user, models, tags, createdMs }) {
      const said = {
        name,
        tenant,
        user_account: user,
        ...(models === undefined ? {} : { models: json(models) }),
        ...(tags === undefined ? {} : { tags: json(tags) }),
      };
      const row = await db
        .insertInto('api_key')
        // No secret has this hash: nobody gets in without a token.
        .values({ id, hash: id, prefix, admin: 0, blocked: 0, created_ms: createdMs, ...said })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(said))
        .returningAll()
        .executeTakeFirstOrThrow();
      return toInfo(row);
    },
    async byHash(hash) {
      const row =
        (await db.selectFrom('api_key').selectAll().where('hash', '=', hash).executeTakeFirst()) ??
        (await db.selectFrom('api_key').selectAll().where('old_hash', '=', hash).executeTakeFirst());
      return row === undefined ? undefined : toStored(row);
    },
    async byId(id) {
      const row = await db.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toStored(row);
    },
    async list({ tenant, user, name }) {
      let rows = db.selectFrom('api_key').selectAll().orderBy('created_ms').orderBy('id');
      if (tenant !== undefined) rows = rows.where('tenant', '=', tenant);
      if (user !== undefined) rows = rows.where('user_account', '=', user);
      if (name !== undefined) rows = rows.where('name', '=', name);
      return (await rows.execute()).map(toInfo);
    },
    async update(info) {
      await db.updateTable('api_key').set(toColumns(info)).where('id', '=', info.id).execute();
    },
    async rotate(id, next) {
      await db
        .updateTable('api_key')
        .set({ hash: next.hash, prefix: next.prefix, old_hash: next.oldHash, old_until_ms: next.oldUntilMs })
        .where('id', '=', id)
        .execute();
    },
    async revoke(id, atMs) {
      await db
        .updateTable('api_key')
        .set((eb) => ({ revoked_ms: eb.fn.coalesce('revoked_ms', eb.val(atMs)) }))
        .where('id', '=', id)
        .execute();
    },
    async remove(id) {
      await db.deleteFrom('api_key').where('id', '=', id).execute();
    },
    async touch(lastUsed) {
      await db.transaction().execute(async (tx) => {
        for (const [id, atMs] of lastUsed) await tx.updateTable('api_key').set({ last_used_ms: atMs }).where('id', '=', id).execute();
      });
    },
  };
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function toColumns(info: KeyInfo) {
  return {
    tenant: info.tenant,
    user_account: info.user ?? null,
    name: info.name,
    admin: info.admin ? 1 : 0,
    models: json(info.models),
    budgets: info.budgets.length === 0 ? null : json(info.budgets),
    limits: json(info.limits),
    tags: json(info.tags),
    metadata: json(info.metadata),
    blocked: info.blocked ? 1 : 0,
    expires_ms: info.expiresMs ?? null,
  };
}

interface KeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly user_account: string | null;
  readonly name: string;
  readonly hash: string;
  readonly prefix: string;
  readonly admin: number;
  readonly models: string | null;
  readonly budgets: string | null;
  readonly limits: string | null;
  readonly tags: string | null;
  readonly metadata: string | null;
  readonly blocked: number;
  readonly created_ms: number;
  readonly expires_ms: number | null;
  readonly revoked_ms: number | null;
  readonly last_used_ms: number | null;
  readonly old_hash: string | null;
  readonly old_until_ms: number | null;
}

function toInfo(row: KeyRow): KeyInfo {
  return {
    id: row.id,
    tenant: row.tenant,
    ...(row.user_account === null ? {} : { user: row.user_account }),
    name: row.name,
    prefix: row.prefix,
    admin: row.admin === 1,
    ...(row.models === null ? {} : { models: JSON.parse(row.models) as string[] }),
    ...(row.limits === null ? {} : { limits: JSON.parse(row.limits) as LimitsSpec }),
    budgets: row.budgets === null ? [] : (JSON.parse(row.budgets) as BudgetSpec[]),
    ...(row.tags === null ? {} : { tags: JSON.parse(row.tags) as string[] }),
    metadata: row.metadata === null ? {} : (JSON.parse(row.metadata) as Record<string, unknown>),
    blocked: row.blocked === 1,
    createdMs: row.created_ms,
    ...(row.expires_ms === null ? {} : { expiresMs: row.expires_ms }),
    ...(row.revoked_ms === null ? {} : { revokedMs: row.revoked_ms }),
    ...(row.last_used_ms === null ? {} : { lastUsedMs: row.last_used_ms }),
    ...(row.old_until_ms === null ? {} : { oldUntilMs: row.old_until_ms }),
  };
}

function toStored(row: KeyRow): StoredKey {
  const info = toInfo(row);
  return { info, hash: row.hash, oldHash: row.old_hash ?? undefined, principal: toPrincipal(info) };
}
