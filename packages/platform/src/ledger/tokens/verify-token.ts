import type { TokenIssuer } from '@maru/api/resources';
import type { JWTPayload } from 'jose';
import type { Clock } from '#time';
import type { IssuerKeys } from './issuer-keys.ts';
import { shown, tokenProblem } from './token-problem.ts';

/** An issuer with its keys. */
export interface TrustedIssuer {
  readonly issuer: TokenIssuer;
  readonly keys: IssuerKeys;
}

/** A token whose signature, issuer, audience and times are right. */
export interface VerifiedToken {
  readonly issuer: TokenIssuer;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly subject: string;
  readonly expiresMs: number;
}

const MAX_SUBJECT = 500;

/** Throws `unauthenticated` saying what is wrong with the token, or `issuer_unreachable`. */
export async function verifyToken(token: string, trusted: readonly TrustedIssuer[], clock: Clock): Promise<VerifiedToken> {
  const { decodeJwt, decodeProtectedHeader, jwtVerify, errors } = await import('jose');
  let header: ReturnType<typeof decodeProtectedHeader>;
  let said: JWTPayload;
  try {
    header = decodeProtectedHeader(token);
    said = decodeJwt(token);
  } catch {
    throw tokenProblem('what was sent looks like a token (JWT), but can not be read');
  }
  const { issuer, keys } = chooseIssuer(said, trusted);
  const { alg } = header;
  // Before any key is looked up: nobody but the resource says which algorithms there are.
  const algorithms: readonly string[] = issuer.spec.algorithms;
  if (alg === undefined || !algorithms.includes(alg))
    throw tokenProblem(`the token is signed with ${shown(alg)}; the issuer "${issuer.metadata.name}" may use ${issuer.spec.algorithms.join(', ')}`);

  const options = {
    algorithms: [...algorithms],
    issuer: issuer.spec.issuer,
    audience: [...issuer.spec.audiences],
    clockTolerance: issuer.spec.clockSkewSeconds,
    currentDate: new Date(clock.nowMs()),
    requiredClaims: ['exp', 'sub'],
  };
  for (const key of await keys.find(header)) {
    try {
      const { payload } = await jwtVerify(token, key, options);
      return accepted(payload, issuer);
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JWTExpired)
        throw tokenProblem(`the token has expired${typeof said.exp === 'number' ? ` at ${isoOf(said.exp)}` : ''}: sign in again`);
      if (error instanceof errors.JWTClaimValidationFailed) throw tokenProblem(`the token can not be used: ${claimMessage(error.claim, said)}`);
      if (error instanceof errors.JOSEError) throw tokenProblem('the token can not be used: it is not well formed');
      throw error;
    }
  }
  throw tokenProblem(`the signature of the token is not one of the issuer "${issuer.metadata.name}"`);
}

/** By `iss`, and of several with the same by `aud`; nothing of the token is believed yet. */
function chooseIssuer({ iss, aud }: JWTPayload, trusted: readonly TrustedIssuer[]): TrustedIssuer {
  const same = trusted.filter(({ issuer }) => issuer.spec.issuer === iss);
  if (same.length === 0) throw tokenProblem(`no TokenIssuer trusts the issuer ${shown(iss)} of the token`);
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
  const found = same.find(({ issuer }) => issuer.spec.audiences.some((audience) => audiences.includes(audience)));
  if (found === undefined)
    throw tokenProblem(`the token is for ${shown(aud)}, not for ${[...new Set(same.flatMap(({ issuer }) => issuer.spec.audiences))].map(shown).join(' or ')}`);
  return found;
}

function accepted(claims: JWTPayload, issuer: TokenIssuer): VerifiedToken {
  const { sub, exp } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT || exp === undefined) throw tokenProblem('the token does not name its subject (sub)');
  return { issuer, claims, subject: sub, expiresMs: exp * 1000 };
}

function claimMessage(claim: string, said: JWTPayload): string {
  if (claim === 'nbf' && typeof said.nbf === 'number') return `it holds from ${isoOf(said.nbf)} on`;
  if (claim === 'exp') return 'it does not say when it expires (exp)';
  if (claim === 'sub') return 'it does not name its subject (sub)';
  return `its claim "${claim}" is not right`;
}

const isoOf = (seconds: number): string => (Math.abs(seconds) < 8e12 ? new Date(seconds * 1000).toISOString() : 'an impossible time');
