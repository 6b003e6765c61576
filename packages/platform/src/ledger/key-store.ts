import { nanoToUsd, usdToNano } from '@maru/api/records';
import type { LimitsSpec } from '@maru/api/resources';
import type { Store } from '#store';
import { type Budget, keyBudget } from './budget.ts';
import type { BudgetWindow } from './budget-window.ts';
import type { Principal } from './principal.ts';

/** A key as people see it; the secret is shown once, when it is made. */
export interface KeyInfo {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** The first characters of the secret. */
  readonly prefix: string;
  readonly admin: boolean;
  readonly models?: readonly string[];
  readonly limits?: LimitsSpec;
  readonly budgetUsd?: number;
  readonly budgetWindow?: BudgetWindow;
  readonly createdMs: number;
  readonly expiresMs?: number;
  readonly revokedMs?: number;
  readonly lastUsedMs?: number;
}

export interface StoredKey {
  readonly info: KeyInfo;
  readonly hash: string;
  readonly principal: Principal;
}

/** SQL of the table `api_key`. */
export interface KeyStore {
  insert(info: KeyInfo, hash: string): Promise<void>;
  byHash(hash: string): Promise<StoredKey | undefined>;
  list(tenant?: string): Promise<readonly KeyInfo[]>;
  get(id: string): Promise<KeyInfo | undefined>;
  principal(id: string): Promise<Principal | undefined>;
  /** The hash of the key that is now revoked; undefined when there is none of this id. */
  revoke(id: string, atMs: number): Promise<string | undefined>;
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
          tenant: info.tenant,
          name: info.name,
          hash,
          prefix: info.prefix,
          admin: info.admin ? 1 : 0,
          models: info.models === undefined ? null : JSON.stringify(info.models),
          budget_nano: info.budgetUsd === undefined ? null : usdToNano(info.budgetUsd),
          budget_window: info.budgetWindow ?? null,
          limits: info.limits === undefined ? null : JSON.stringify(info.limits),
          created_ms: info.createdMs,
          expires_ms: info.expiresMs ?? null,
          revoked_ms: null,
          last_used_ms: null,
        })
        .execute();
    },
    async byHash(hash) {
      const row = await db.selectFrom('api_key').selectAll().where('hash', '=', hash).executeTakeFirst();
      if (row === undefined) return undefined;
      const info = toInfo(row);
      return { info, hash: row.hash, principal: toPrincipal(info) };
    },
    async list(tenant) {
      const all = db.selectFrom('api_key').selectAll().orderBy('created_ms').orderBy('id');
      return (await (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()).map(toInfo);
    },
    async get(id) {
      const row = await db.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toInfo(row);
    },
    async principal(id) {
      const row = await db.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toPrincipal(toInfo(row));
    },
    async revoke(id, atMs) {
      const set = await db
        .updateTable('api_key')
        .set((eb) => ({ revoked_ms: eb.fn.coalesce('revoked_ms', eb.val(atMs)) }))
        .where('id', '=', id)
        .returning('hash')
        .executeTakeFirst();
      return set?.hash;
    },
    async touch(lastUsed) {
      await db.transaction().execute(async (tx) => {
        for (const [id, atMs] of lastUsed) await tx.updateTable('api_key').set({ last_used_ms: atMs }).where('id', '=', id).execute();
      });
    },
  };
}

interface KeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly prefix: string;
  readonly admin: number;
  readonly models: string | null;
  readonly budget_nano: number | null;
  readonly budget_window: string | null;
  readonly limits: string | null;
  readonly created_ms: number;
  readonly expires_ms: number | null;
  readonly revoked_ms: number | null;
  readonly last_used_ms: number | null;
}

function toInfo(row: KeyRow): KeyInfo {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    prefix: row.prefix,
    admin: row.admin === 1,
    ...(row.models === null ? {} : { models: JSON.parse(row.models) as string[] }),
    ...(row.limits === null ? {} : { limits: JSON.parse(row.limits) as LimitsSpec }),
    ...(row.budget_nano === null ? {} : { budgetUsd: nanoToUsd(row.budget_nano), budgetWindow: (row.budget_window ?? 'total') as BudgetWindow }),
    createdMs: row.created_ms,
    ...(row.expires_ms === null ? {} : { expiresMs: row.expires_ms }),
    ...(row.revoked_ms === null ? {} : { revokedMs: row.revoked_ms }),
    ...(row.last_used_ms === null ? {} : { lastUsedMs: row.last_used_ms }),
  };
}

/** The budget of a key, in a list of none or one. */
export function keyBudgetOf(info: KeyInfo): readonly Budget[] {
  return info.budgetUsd === undefined ? [] : [keyBudget(info.id, usdToNano(info.budgetUsd), info.budgetWindow ?? 'total')];
}

function toPrincipal(info: KeyInfo): Principal {
  const [budget] = keyBudgetOf(info);
  return Object.freeze({
    keyId: info.id,
    tenant: info.tenant,
    name: info.name,
    admin: info.admin,
    ...(info.models === undefined ? {} : { models: info.models }),
    ...(info.limits === undefined ? {} : { limits: info.limits }),
    ...(budget === undefined ? {} : { budget }),
    ...(info.expiresMs === undefined ? {} : { expiresMs: info.expiresMs }),
  });
}
