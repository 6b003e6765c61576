import { PlatformError } from '@maru/api/errors';
import { type LimitsSpec, nameSchema, tenantKind } from '@maru/api/resources';
import { z } from 'zod';
import type { Clock, Ids } from '#time';
import type { BudgetWindow } from './budget-window.ts';
import { hashSecret, looksLikeSecret, makeSecret, sameHash, visiblePrefix } from './key-secret.ts';
import type { KeyInfo, KeyStore, StoredKey } from './key-store.ts';
import { DEFAULT_TENANT, type Principal } from './principal.ts';

export interface CreateKeyRequest {
  readonly tenant: string;
  readonly name: string;
  /** Public names of models, routes and agents; all where absent. */
  readonly models?: readonly string[] | undefined;
  readonly budgetUsd?: number | undefined;
  /** `total` where absent. */
  readonly budgetWindow?: BudgetWindow | undefined;
  readonly limits?: LimitsSpec | undefined;
  readonly expiresMs?: number | undefined;
  /** May change the platform. */
  readonly admin?: boolean | undefined;
}

export interface Keys {
  /** Makes a key; the secret is returned here and never again. Throws `invalid_request`. */
  createKey(request: CreateKeyRequest): Promise<{ readonly key: KeyInfo; readonly secret: string }>;
  /** From memory after the first use. Throws `unauthenticated` or `key_revoked`. */
  authenticate(secret: string): Principal | Promise<Principal>;
  listKeys(tenant?: string): Promise<readonly KeyInfo[]>;
  getKey(id: string): Promise<KeyInfo | undefined>;
  /** Who a key stands for, without its secret: for work that goes on in its name, such as the run of an agent. */
  principalOf(id: string): Promise<Principal | undefined>;
  /** Works at once in this process, within 30 s in others. Throws `not_found`. */
  revokeKey(id: string): Promise<void>;
  /** Writes the times of last use. */
  flushLastUsed(): Promise<void>;
}

export interface KeysOptions {
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly masterKey?: string | undefined;
}

// Another process may have revoked a key: what it says is asked for again after this time.
const TRUST_MS = 30_000;
const MAX_CACHED = 10_000;

const requestSchema = z.strictObject({
  tenant: nameSchema,
  name: z.string().trim().min(1).max(100),
  models: z.array(z.string().min(1)).max(1000).optional(),
  budgetUsd: z.number().nonnegative().max(1e6).optional(),
  budgetWindow: z.enum(['hour', 'day', 'week', 'month', 'total']).optional(),
  limits: tenantKind.spec.shape.limits,
  expiresMs: z.number().int().positive().optional(),
  admin: z.boolean().optional(),
});

export function createKeys(options: KeysOptions): Keys {
  const { keys, clock, ids } = options;
  const master = options.masterKey === undefined ? undefined : hashSecret(options.masterKey);
  const cache = new Map<string, { readonly stored: StoredKey; readonly readMs: number }>();
  let lastUsed = new Map<string, number>();

  const accept = (stored: StoredKey): Principal => {
    const { info, principal } = stored;
    const nowMs = clock.nowMs();
    if (info.revokedMs !== undefined) throw new PlatformError('key_revoked', { message: `the key ${info.prefix}… was revoked` });
    if (info.expiresMs !== undefined && info.expiresMs <= nowMs) throw new PlatformError('key_revoked', { message: `the key ${info.prefix}… has expired` });
    lastUsed.set(info.id, nowMs);
    return principal;
  };

  const read = async (hash: string): Promise<Principal> => {
    const stored = await keys.byHash(hash);
    if (stored === undefined || !sameHash(stored.hash, hash)) {
      cache.delete(hash);
      throw unauthenticated('the key does not exist');
    }
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(hash, { stored, readMs: clock.monotonicMs() });
    return accept(stored);
  };

  return {
    async createKey(request) {
      const parsed = requestSchema.safeParse(request);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new PlatformError('invalid_request', { message: `key: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` });
      }
      const secret = makeSecret(ids.secret());
      const key = toInfo(parsed.data, { id: ids.next('key'), prefix: visiblePrefix(secret), createdMs: clock.nowMs() });
      await keys.insert(key, hashSecret(secret));
      return { key, secret };
    },
    authenticate(secret) {
      if (!looksLikeSecret(secret)) throw unauthenticated('a key starts with "sk-"');
      const hash = hashSecret(secret);
      if (master !== undefined && sameHash(hash, master)) return MASTER;
      const known = cache.get(hash);
      if (known !== undefined && sameHash(known.stored.hash, hash) && clock.monotonicMs() - known.readMs < TRUST_MS) return accept(known.stored);
      return read(hash);
    },
    listKeys: (tenant) => keys.list(tenant),
    getKey: (id) => keys.get(id),
    principalOf: (id) => keys.principal(id),
    async revokeKey(id) {
      const hash = await keys.revoke(id, clock.nowMs());
      if (hash === undefined) throw new PlatformError('not_found', { message: `no key has the id "${id}"` });
      cache.delete(hash);
    },
    async flushLastUsed() {
      if (lastUsed.size === 0) return;
      const flushed = lastUsed;
      lastUsed = new Map();
      await keys.touch(flushed);
    },
  };
}

/** The administrator of the configuration; its use is charged to the default tenant. */
const MASTER: Principal = Object.freeze({ keyId: 'master', tenant: DEFAULT_TENANT, name: 'master key', admin: true });

const unauthenticated = (message: string): PlatformError => new PlatformError('unauthenticated', { message });

function toInfo(request: z.infer<typeof requestSchema>, made: { id: string; prefix: string; createdMs: number }): KeyInfo {
  return {
    ...made,
    tenant: request.tenant,
    name: request.name,
    admin: request.admin ?? false,
    ...(request.models === undefined ? {} : { models: request.models }),
    ...(request.limits === undefined ? {} : { limits: request.limits }),
    ...(request.budgetUsd === undefined ? {} : { budgetUsd: request.budgetUsd, budgetWindow: request.budgetWindow ?? 'total' }),
    ...(request.expiresMs === undefined ? {} : { expiresMs: request.expiresMs }),
  };
}
