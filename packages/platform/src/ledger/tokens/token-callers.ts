import { createHash } from 'node:crypto';
import { PlatformError } from '@maru/api/errors';
import type { TokenIssuer } from '@maru/api/resources';
import type { GuardedFetch } from '#http';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { Accounts } from '../accounts.ts';
import { type KeyInfo, toPrincipal } from '../key-info.ts';
import type { KeyStore } from '../key-store.ts';
import type { Principal } from '../principal.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { type Caller, readClaims } from './read-claims.ts';
import { tokenProblem } from './token-problem.ts';
import { type TrustedIssuer, type VerifiedToken, verifyToken } from './verify-token.ts';

/** Callers who send signed tokens (JWT) of trusted issuers; each of them stands in the list of keys. */
export interface TokenCallers {
  /** Replaces the trusted issuers. */
  setIssuers(issuers: readonly TokenIssuer[]): void;
  /** From memory for half a minute after the first use. Throws `unauthenticated`, `forbidden`, `key_revoked`, `key_blocked` or `issuer_unreachable`. */
  authenticate(token: string): Principal | Promise<Principal>;
  /** A key was changed: its callers are read again. */
  forget(keyId: string): void;
  /** Another process may have changed any key. */
  forgetAll(): void;
  close(): void;
}

export interface TokenCallersOptions {
  readonly keys: KeyStore;
  readonly accounts: Pick<Accounts, 'isWithin'>;
  /** Refuses a key that is revoked, blocked or has expired, and notes that it was used. */
  readonly accept: (info: KeyInfo) => void;
  readonly fetch: GuardedFetch | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly info: KeyInfo;
  readonly principal: Principal;
  /** With the allowance for clocks that differ. */
  readonly untilMs: number;
  readonly checkedMs: number;
}

// Taken-back keys of an issuer and changes by other processes are seen after this time.
const TRUST_MS = 30_000;
const MAX_CACHED = 10_000;
const MAX_NAME = 100;

/** Whether a secret has the form of a token: three parts, the first of which begins like JSON in base64. */
export const looksLikeToken = (secret: string): boolean => secret.startsWith('ey') && secret.split('.', 4).length === 3;

export function createTokenCallers(options: TokenCallersOptions): TokenCallers {
  const { keys, accounts, accept, fetch, clock, log } = options;
  let trusted: readonly TrustedIssuer[] = [];
  let known = new Map<string, Known>();

  const read = async (token: string, hash: string): Promise<Principal> => {
    if (trusted.length === 0) throw tokenProblem('no TokenIssuer is set up here: send a key, which starts with "sk-"');
    const before = trusted;
    const verified = await verifyToken(token, before, clock);
    const caller = readClaims(verified.claims, verified.issuer.spec);
    const { within, clockSkewSeconds } = verified.issuer.spec;
    if (within !== undefined && !(await accounts.isWithin(caller.tenant, within)))
      throw new PlatformError('forbidden', { message: `the token is for the tenant "${caller.tenant}", which does not stand below "${within}"` });
    const info = await keyOf(keys, { verified, caller, nowMs: clock.nowMs() });
    accept(info);
    const last = known.get(hash);
    // What holds for a principal is remembered by it: an unchanged one stays the same object.
    const principal = last !== undefined && isSame(last.info, info) ? last.principal : principalOf(info, caller, verified);
    if (before !== trusted) return principal;
    if (known.size >= MAX_CACHED) known.clear();
    known.set(hash, { info, principal, untilMs: verified.expiresMs + clockSkewSeconds * 1000, checkedMs: clock.monotonicMs() });
    return principal;
  };

  const drop = (): void => {
    for (const { keys: old } of trusted) old.close();
    known = new Map();
  };

  return {
    setIssuers(issuers) {
      if (JSON.stringify(issuers.map(identityOf)) === JSON.stringify(trusted.map(({ issuer }) => identityOf(issuer)))) return;
      drop();
      trusted = fetch === undefined ? [] : issuers.map((issuer) => ({ issuer, keys: createIssuerKeys({ issuer, fetch, clock, log }) }));
    },
    authenticate(token) {
      // The token itself is never kept.
      const hash = createHash('sha256').update(token).digest('base64');
      const found = known.get(hash);
      if (found === undefined || clock.monotonicMs() - found.checkedMs >= TRUST_MS || found.untilMs <= clock.nowMs()) return read(token, hash);
      accept(found.info);
      return found.principal;
    },
    forget(keyId) {
      for (const [hash, { info }] of known) if (info.id === keyId) known.delete(hash);
    },
    forgetAll() {
      known = new Map();
    },
    close: drop,
  };
}

const identityOf = ({ metadata, spec }: TokenIssuer): unknown => [metadata.name, spec];

/** The row of a caller in the list of keys: made at the first token, changed when the claims say something else. */
async function keyOf(keys: KeyStore, { verified, caller, nowMs }: { verified: VerifiedToken; caller: Caller; nowMs: number }): Promise<KeyInfo> {
  const issuer = verified.issuer.metadata.name;
  const id = `token_${issuer}_${createHash('sha256').update(verified.subject).digest('hex').slice(0, 24)}`;
  const found = (await keys.byId(id))?.info;
  const { tenant, user, models, tags } = caller;
  const wanted = { tenant, user, name: user.slice(0, MAX_NAME), ...(models === undefined ? {} : { models }), ...(tags === undefined ? {} : { tags }) };
  if (found !== undefined && Object.entries(wanted).every(([name, value]) => JSON.stringify(found[name as keyof KeyInfo]) === JSON.stringify(value)))
    return found;
  return keys.putCaller({ ...wanted, id, prefix: `token:${issuer}`, createdMs: nowMs });
}

const principalOf = (info: KeyInfo, { endUser }: Caller, { claims, expiresMs }: VerifiedToken): Principal =>
  Object.freeze({ ...toPrincipal(info), expiresMs, claims: Object.freeze({ ...claims }), ...(endUser === undefined ? {} : { endUser }) });

function isSame(left: KeyInfo, right: KeyInfo): boolean {
  return JSON.stringify({ ...left, lastUsedMs: 0 }) === JSON.stringify({ ...right, lastUsedMs: 0 });
}
