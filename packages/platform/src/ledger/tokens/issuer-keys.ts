import { PlatformError } from '@maru/api/errors';
import type { TokenIssuer } from '@maru/api/resources';
import type { CryptoKey, createLocalJWKSet, JSONWebKeySet, JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import type { GuardedFetch } from '#http';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import { tokenProblem } from './token-problem.ts';

/** The public keys of one issuer. */
export interface IssuerKeys {
  /**
   * The keys that may have signed a token, most likely the only one. An unknown key id makes it look for new keys, three times at once
   * and then every half minute. Throws `unauthenticated` when there is none, or `issuer_unreachable` when nobody can say.
   */
  find(header: JWSHeaderParameters): Promise<readonly CryptoKey[]>;
  close(): void;
}

export interface IssuerKeysOptions {
  readonly issuer: TokenIssuer;
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keys that were taken back by the issuer stop working after this time. */
const FRESH_MS = 10 * 60_000;
/** As long as the issuer does not answer, what was known goes on working. */
const STALE_MS = 24 * 3_600_000;
/** Strangers can make up key ids: the issuer is asked for new keys three times, and once more per half minute. */
const BURST = 3;
const REFILL_MS = 30_000;
const TIMEOUT_MS = 5000;
const MAX_BYTES = 262_144;
const jwksSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(200) });
const discoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** Without any keys no token can be decided: they are looked for sooner. */
const RETRY_MS = 5000;

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly fetchedMs: number;
}

export function createIssuerKeys({ issuer, fetch, clock, log }: IssuerKeysOptions): IssuerKeys {
  const { name } = issuer.metadata;
  const { spec } = issuer;
  const stop = new AbortController();
  let known: KeySet | undefined;
  let triedMs = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;

  const read = async <T>(url: string, schema: z.ZodType<T>): Promise<T> => {
    const reply = await fetch.fetch({ url, method: 'GET', headers: { accept: 'application/json' }, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS }, stop.signal);
    if (reply.status !== 200 || reply.truncated)
      throw new PlatformError('upstream_garbage', { message: `${url} answered with status ${reply.status}${reply.truncated ? ' and too much' : ''}` });
    const parsed = schema.safeParse(parse(reply.body));
    if (!parsed.success)
      throw new PlatformError('upstream_garbage', { message: `${url} did not answer with ${schema === jwksSchema ? 'keys' : 'its settings'}` });
    return parsed.data;
  };

  const load = async (): Promise<void> => {
    const { createLocalJWKSet: createKeySet } = await import('jose');
    triedMs = clock.monotonicMs();
    if (spec.keys !== undefined) {
      known = { find: createKeySet({ keys: spec.keys } as JSONWebKeySet), fetchedMs: Number.POSITIVE_INFINITY };
      return;
    }
    const jwks = await read(spec.jwksUrl ?? (await discover()), jwksSchema);
    known = { find: createKeySet(jwks), fetchedMs: clock.monotonicMs() };
  };

  const discover = async (): Promise<string> => {
    const url = `${spec.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const settings = await read(url, discoverySchema);
    if (settings.issuer !== spec.issuer)
      throw new PlatformError('upstream_garbage', { message: `${url} speaks for ${shownIssuer(settings.issuer)}, not for ${spec.issuer}` });
    return settings.jwks_uri;
  };

  const refresh = (): Promise<void> => {
    refreshing ??= load()
      .catch((error: unknown) => {
        log.warn({ issuer: name, code: (error as { code?: unknown }).code }, 'the keys of a token issuer could not be fetched');
        throw error;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };

  const restedMs = (): number => (refreshing === undefined ? clock.monotonicMs() - triedMs : Number.POSITIVE_INFINITY);
  let tries = BURST;
  let refilledMs = clock.monotonicMs();
  /** Whether a made-up key id may cost the issuer a request; joining one that is under way costs nothing. */
  const mayAskForMore = (): boolean => {
    if (refreshing !== undefined) return true;
    const more = Math.floor((clock.monotonicMs() - refilledMs) / REFILL_MS);
    refilledMs += more * REFILL_MS;
    tries = Math.min(BURST, tries + more);
    if (tries === 0) return false;
    tries -= 1;
    return true;
  };
  const unreachable = (cause?: unknown): PlatformError =>
    new PlatformError('issuer_unreachable', {
      message: `the keys of the token issuer "${name}" can not be fetched; send the request again`,
      retryAfterS: RETRY_MS / 1000,
      ...(cause === undefined ? {} : { cause }),
    });

  /** The keys of now: known ones are used while newer ones are fetched. */
  const current = async (): Promise<KeySet> => {
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - known.fetchedMs;
    if (known !== undefined && ageMs < STALE_MS) {
      if (ageMs >= FRESH_MS && restedMs() >= REFILL_MS) refresh().catch(() => undefined);
      return known;
    }
    if (restedMs() < RETRY_MS) throw unreachable();
    await refresh().catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (known === undefined) throw unreachable();
    return known;
  };

  return {
    async find(header) {
      const { keys, missing } = await lookUp(await current(), header);
      if (!missing) return keys;
      if (spec.keys === undefined && mayAskForMore()) {
        await refresh().catch(() => undefined);
        if (known !== undefined) {
          const again = await lookUp(known, header);
          if (!again.missing) return again.keys;
        }
      }
      throw tokenProblem(`the token is signed with a key that the issuer "${name}" does not have`);
    },
    close: () => stop.abort(),
  };
}

async function lookUp({ find }: KeySet, header: JWSHeaderParameters): Promise<{ readonly keys: readonly CryptoKey[]; readonly missing: boolean }> {
  const { errors } = await import('jose');
  try {
    return { keys: [await find(header)], missing: false };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { keys: [], missing: true };
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      const keys: CryptoKey[] = [];
      for await (const key of error) keys.push(key);
      return { keys, missing: false };
    }
    throw tokenProblem('the key with which the token is signed can not be used: its issuer has published a broken one');
  }
}

const shownIssuer = (issuer: string): string => JSON.stringify(issuer.slice(0, 200));

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
