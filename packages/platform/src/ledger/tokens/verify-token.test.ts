import { exportJWK, generateKeyPair, generateSecret, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch } from '#http';
import { silentLog } from '#telemetry';
import { createFakeClock, createSystemClock, type FakeClock } from '#time';
import { issuerResource, startIssuer, type TestIssuer } from '../../../../../test/harness/token-issuer.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { type TrustedIssuer, type VerifiedToken, verifyToken } from './verify-token.ts';

let clock: FakeClock;
let issuer: TestIssuer;
let fetch: GuardedFetch;
beforeEach(async () => {
  clock = createFakeClock(Date.parse('2026-11-21T10:30:00Z'));
  issuer = await startIssuer({ clock });
  fetch = createGuardedFetch({ clock: createSystemClock(), privateHosts: ['127.0.0.1'] });
});
afterEach(async () => {
  await issuer.close();
  await fetch.close();
});

const trusting = (spec: Parameters<typeof issuerResource>[1] = {}, name = 'login'): TrustedIssuer => {
  const resource = issuerResource(issuer, spec, name);
  return { issuer: resource, keys: createIssuerKeys({ issuer: resource, fetch, clock, log: silentLog }) };
};
const verify = (token: string, ...trusted: TrustedIssuer[]): Promise<VerifiedToken> => verifyToken(token, trusted.length === 0 ? [trusting()] : trusted, clock);
const inSeconds = (seconds: number): number => Math.floor(clock.nowMs() / 1000) + seconds;
const refusal = (token: Promise<string>, ...trusted: TrustedIssuer[]): Promise<{ code: string; message: string; status: number }> =>
  token
    .then((text) => verify(text, ...trusted))
    .then(
      () => ({ code: 'accepted', message: '', status: 200 }),
      (error: unknown) => error as { code: string; message: string; status: number },
    );

describe('a token', () => {
  it.each(['ES256', 'RS256', 'EdDSA'] as const)('is good with a signature of its issuer (%s)', async (alg) => {
    await issuer.rotate({ alg, takeBack: true });

    expect(await verify(await issuer.sign({ team: 'search' }))).toMatchObject({
      subject: 'u-1',
      claims: { team: 'search' },
      expiresMs: clock.nowMs() + 3_600_000,
    });
  });

  it('is good with keys that stand in the resource, and nobody is asked', async () => {
    const inline = trusting({ keys: issuer.publicKeys() as never, jwksUrl: undefined as never });

    expect(await verify(await issuer.sign({}), inline)).toMatchObject({ subject: 'u-1' });
    expect(issuer.fetches()).toBe(0);
  });

  it.each([
    ['another audience', { aud: 'mail' }, 'is for "mail", not for "maru"'],
    ['no audience', { aud: undefined as never }, 'is for null, not for "maru"'],
    ['another issuer', { iss: 'https://evil.example' }, 'no TokenIssuer trusts the issuer "https://evil.example"'],
    ['no issuer', { iss: undefined as never }, 'no TokenIssuer trusts the issuer null'],
    ['an end in the past', { exp: 1_700_000_000 }, 'has expired at 2023-11-14T22:13:20.000Z'],
    ['no end', { exp: undefined as never }, 'does not say when it expires'],
    ['a beginning in the future', { nbf: 1_900_000_000 }, 'holds from 2030-03-17T17:46:40.000Z on'],
    ['no subject', { sub: undefined as never }, 'does not name its subject'],
    ['an empty subject', { sub: '' }, 'does not name its subject'],
    ['a subject that is endless', { sub: 's'.repeat(501) }, 'does not name its subject'],
  ])('is refused with %s', async (_what, claims, message) => {
    expect(await refusal(issuer.sign(claims))).toMatchObject({ code: 'unauthenticated', status: 401, message: expect.stringContaining(message) });
  });

  it('may be off by the clock skew that its issuer is given, and by no more', async () => {
    const late = trusting({ clockSkewSeconds: 60 });

    expect(await refusal(issuer.sign({ exp: inSeconds(-59) }), late)).toMatchObject({ code: 'accepted' });
    expect(await refusal(issuer.sign({ exp: inSeconds(-61) }), late)).toMatchObject({ code: 'unauthenticated' });
    expect(await refusal(issuer.sign({ nbf: inSeconds(59) }), late)).toMatchObject({ code: 'accepted' });
    expect(await refusal(issuer.sign({ nbf: inSeconds(62) }), late)).toMatchObject({ code: 'unauthenticated' });
  });

  it('is for one of several audiences of the resource, and of the token', async () => {
    const two = trusting({ audiences: ['other', 'maru'] });

    expect(await refusal(issuer.sign({ aud: ['mail', 'maru'] }), two)).toMatchObject({ code: 'accepted' });
    expect(await refusal(issuer.sign({ aud: ['mail'] }), two)).toMatchObject({ message: expect.stringContaining('not for "other" or "maru"') });
  });

  it('goes to the TokenIssuer of its audience where several trust the same issuer', async () => {
    const trusted = [trusting({ audiences: ['a'] }, 'first'), trusting({ audiences: ['b'] }, 'second')];

    expect((await verify(await issuer.sign({ aud: 'b' }), ...trusted)).issuer.metadata.name).toBe('second');
  });

  it('is refused without a signature, whatever its header says', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({ iss: issuer.url, aud: 'maru', sub: 'u-1', exp: inSeconds(60) });

    for (const alg of ['none', 'None', 'NONE', '', undefined])
      expect(await refusal(Promise.resolve(`${part({ alg, typ: 'JWT' })}.${claims}.`))).toMatchObject({
        code: 'unauthenticated',
        message: expect.stringContaining('signed with'),
      });
  });

  it('is refused when the public key was used as a shared secret', async () => {
    await issuer.rotate({ alg: 'RS256', takeBack: true });
    const secret = new TextEncoder().encode(JSON.stringify(issuer.publicKeys()[0]));
    const forged = new SignJWT({ iss: issuer.url, aud: 'maru', sub: 'u-1', exp: inSeconds(60) }).setProtectedHeader({ alg: 'HS256', kid: 'k2' }).sign(secret);

    expect(await refusal(forged)).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('signed with "HS256"') });
  });

  it('is refused with an algorithm that its issuer may not use', async () => {
    expect(await refusal(issuer.sign({}), trusting({ algorithms: ['RS256'] }))).toMatchObject({
      code: 'unauthenticated',
      message: 'the token is signed with "ES256"; the issuer "login" may use RS256',
    });
  });

  it('is refused with the signature of somebody else', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const forged = new SignJWT({ iss: issuer.url, aud: 'maru', sub: 'u-1', exp: inSeconds(60) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(privateKey);

    expect(await refusal(forged)).toMatchObject({ code: 'unauthenticated', message: 'the signature of the token is not one of the issuer "login"' });
  });

  it('is refused when a claim was changed after it was signed', async () => {
    const [header = '', payload = '', signature = ''] = (await issuer.sign({ team: 'search' })).split('.');
    const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('search', 'secret')).toString('base64url');

    expect(await refusal(Promise.resolve(`${header}.${changed}.${signature}`))).toMatchObject({ message: expect.stringContaining('signature') });
  });

  it.each(['ey', 'eyJ.eyJ.x', 'eyJhbGciOiJFUzI1NiJ9.bm90IGpzb24.c2ln', 'eyJhbGciOiJFUzI1NiJ9..', `ey.${'a'.repeat(4000)}.b`])(
    'is refused when it can not be read: %s',
    async (text) => {
      expect(await refusal(Promise.resolve(text))).toMatchObject({ code: 'unauthenticated', status: 401 });
    },
  );

  it('without a key id is tried with every key that fits', async () => {
    await issuer.rotate();
    await issuer.rotate();

    expect(await refusal(issuer.sign({}, { kid: undefined }))).toMatchObject({ code: 'accepted' });
    const { privateKey } = await generateKeyPair('ES256');
    const forged = new SignJWT({ iss: issuer.url, aud: 'maru', sub: 'u-1', exp: inSeconds(60) }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    expect(await refusal(forged)).toMatchObject({ code: 'unauthenticated' });
  });

  it('is never checked with a key that is not public', async () => {
    const secret = (await generateSecret('HS256', { extractable: true })) as CryptoKey;
    issuer.answerWith({ status: 200, body: JSON.stringify({ keys: [{ ...(await exportJWK(secret)), kid: 'k1', alg: 'HS256' }] }) });

    expect(await refusal(issuer.sign({}))).toMatchObject({ code: 'unauthenticated' });
  });
});
