import { PlatformError } from '@maru/api/errors';
import type { Clock, Ids } from '#time';
import type { KeyInfo } from './key-info.ts';
import { type CreateKeyRequest, mergeKeySettings, parseCreateKey, type UpdateKeyRequest } from './key-request.ts';
import { hashSecret, looksLikeSecret, makeSecret, sameHash, visiblePrefix } from './key-secret.ts';
import type { KeyFilters, KeyStore, StoredKey } from './key-store.ts';
import { DEFAULT_TENANT, type Principal } from './principal.ts';

/** A key with its secret, which is returned here and never again; undefined for a key that came as a hash. */
export interface MadeKey {
  readonly key: KeyInfo;
  readonly secret: string;
}

/** Changes work at once in this process, within 30 s in others. */
export interface Keys {
  /** Throws `invalid_request`, or `conflict` when the secret is known already. The secret is empty for a key that came as a hash. */
  createKey(request: CreateKeyRequest): Promise<MadeKey>;
  /** Throws `not_found` or `invalid_request`. `blocked: true` refuses every request until it is set back. */
  updateKey(id: string, change: UpdateKeyRequest): Promise<KeyInfo>;
  /** A new secret for the same key; the one before goes on working for `graceMs` (0 where absent). Throws `not_found`, or `conflict` for a revoked key. */
  rotateKey(id: string, options?: { readonly graceMs?: number | undefined }): Promise<MadeKey>;
  /** From memory after the first use. Throws `unauthenticated`, `key_revoked` or `key_blocked`. */
  authenticate(secret: string): Principal | Promise<Principal>;
  listKeys(filters?: KeyFilters): Promise<readonly KeyInfo[]>;
  getKey(id: string): Promise<KeyInfo | undefined>;
  /** By a secret (`sk-...`) or the SHA-256 of one; never says whether a key is valid. */
  findKey(secretOrHash: string): Promise<KeyInfo | undefined>;
  /** Who a key stands for, without its secret: for work that goes on in its name, such as the run of an agent. */
  principalOf(id: string): Promise<Principal | undefined>;
  /** Refuses the key for ever and keeps it in the list. Throws `not_found`. */
  revokeKey(id: string): Promise<void>;
  /** Takes the key out of the list; its charges stay. Throws `not_found`. */
  deleteKey(id: string): Promise<void>;
  /** Asks the store again for every key, because another process may have changed it. */
  forgetCached(): void;
  /** Notes that a key is used. Throws `key_revoked` or `key_blocked`. */
  use(info: KeyInfo): void;
  /** Writes the times of last use. */
  flushLastUsed(): Promise<void>;
}

export interface KeysOptions {
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly masterKey?: string | undefined;
  /** Told the id of a key that was changed, taken back or blocked. */
  readonly changed?: ((id: string) => void) | undefined;
}

// Another process may have changed a key: what it says is asked for again after this time.
const TRUST_MS = 30_000;
const MAX_CACHED = 10_000;
const MAX_GRACE_MS = 90 * 86_400_000;

export function createKeys(options: KeysOptions): Keys {
  const { keys, clock, ids } = options;
  const master = options.masterKey === undefined ? undefined : hashSecret(options.masterKey);
  const cache = new Map<string, { readonly stored: StoredKey; readonly readMs: number }>();
  let lastUsed = new Map<string, number>();

  const use = (info: KeyInfo): void => {
    const nowMs = clock.nowMs();
    if (info.revokedMs !== undefined) throw new PlatformError('key_revoked', { message: `the key ${info.prefix}… was revoked` });
    if (info.expiresMs !== undefined && info.expiresMs <= nowMs) throw new PlatformError('key_revoked', { message: `the key ${info.prefix}… has expired` });
    if (info.blocked) throw new PlatformError('key_blocked', { message: `the key ${info.prefix}… is blocked: ask who gave it to you` });
    lastUsed.set(info.id, nowMs);
  };

  const accept = (stored: StoredKey, hash: string): Principal => {
    const { info, principal } = stored;
    if (!sameHash(stored.hash, hash) && (info.oldUntilMs ?? 0) <= clock.nowMs())
      throw new PlatformError('key_revoked', { message: `the key was rotated: the new one begins with ${info.prefix}…` });
    use(info);
    return principal;
  };

  const read = async (hash: string): Promise<Principal> => {
    const stored = await keys.byHash(hash);
    if (stored === undefined || !matches(stored, hash)) {
      cache.delete(hash);
      throw unauthenticated('the key does not exist');
    }
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(hash, { stored, readMs: clock.monotonicMs() });
    return accept(stored, hash);
  };

  const existing = async (id: string): Promise<StoredKey> => {
    const stored = await keys.byId(id);
    if (stored === undefined) throw new PlatformError('not_found', { message: `no key has the id "${id}"` });
    return stored;
  };

  const forget = (stored: StoredKey): void => {
    cache.delete(stored.hash);
    if (stored.oldHash !== undefined) cache.delete(stored.oldHash);
    options.changed?.(stored.info.id);
  };

  return {
    async createKey(request) {
      const { settings, ...given } = parseCreateKey(request);
      const secret = given.hash === undefined ? (given.secret ?? makeSecret(ids.secret())) : '';
      const hash = given.hash ?? hashSecret(secret);
      if ((await keys.byHash(hash)) !== undefined || hash === master) throw new PlatformError('conflict', { message: 'a key with this secret exists already' });
      const key: KeyInfo = {
        ...settings,
        id: ids.next('key'),
        prefix: given.prefix ?? (secret === '' ? 'sk-' : visiblePrefix(secret)),
        createdMs: clock.nowMs(),
      };
      await keys.insert(key, hash);
      return { key, secret };
    },
    async updateKey(id, change) {
      const stored = await existing(id);
      const key: KeyInfo = { ...keptOf(stored.info), ...mergeKeySettings(stored.info, change) };
      await keys.update(key);
      forget(stored);
      return key;
    },
    async rotateKey(id, { graceMs = 0 } = {}) {
      const stored = await existing(id);
      if (stored.info.revokedMs !== undefined) throw new PlatformError('conflict', { message: `the key ${stored.info.prefix}… was revoked: make a new one` });
      if (stored.hash === id) throw new PlatformError('conflict', { message: `${id} stands for the tokens of a person: its issuer gives out new ones` });
      if (!Number.isInteger(graceMs) || graceMs < 0 || graceMs > MAX_GRACE_MS)
        throw new PlatformError('invalid_request', { message: 'key: graceMs: must be between 0 and 90 days in milliseconds' });
      const secret = makeSecret(ids.secret());
      const next = { hash: hashSecret(secret), prefix: visiblePrefix(secret), oldHash: stored.hash, oldUntilMs: clock.nowMs() + graceMs };
      await keys.rotate(id, next);
      forget(stored);
      return { key: { ...stored.info, prefix: next.prefix, oldUntilMs: next.oldUntilMs }, secret };
    },
    authenticate(secret) {
      if (!looksLikeSecret(secret)) throw unauthenticated('a key starts with "sk-"');
      const hash = hashSecret(secret);
      if (master !== undefined && sameHash(hash, master)) return MASTER;
      const known = cache.get(hash);
      if (known !== undefined && matches(known.stored, hash) && clock.monotonicMs() - known.readMs < TRUST_MS) return accept(known.stored, hash);
      return read(hash);
    },
    use,
    listKeys: (filters = {}) => keys.list(filters),
    getKey: async (id) => (await keys.byId(id))?.info,
    findKey: async (secretOrHash) => (await keys.byHash(looksLikeSecret(secretOrHash) ? hashSecret(secretOrHash) : secretOrHash))?.info,
    principalOf: async (id) => (await keys.byId(id))?.principal,
    async revokeKey(id) {
      const stored = await existing(id);
      await keys.revoke(id, clock.nowMs());
      forget(stored);
    },
    async deleteKey(id) {
      const stored = await existing(id);
      await keys.remove(id);
      forget(stored);
    },
    forgetCached: () => cache.clear(),
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

const matches = (stored: StoredKey, hash: string): boolean => {
  // Both are compared, whatever the first says: the time tells nothing about which secret it was.
  const isNew = sameHash(stored.hash, hash);
  const isOld = stored.oldHash !== undefined && sameHash(stored.oldHash, hash);
  return isNew || isOld;
};

/** What no change of settings touches. */
const keptOf = ({ id, prefix, createdMs, revokedMs, lastUsedMs, oldUntilMs }: KeyInfo) => ({
  id,
  prefix,
  createdMs,
  ...(revokedMs === undefined ? {} : { revokedMs }),
  ...(lastUsedMs === undefined ? {} : { lastUsedMs }),
  ...(oldUntilMs === undefined ? {} : { oldUntilMs }),
});
