import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch } from '#http';
import { createSystemClock } from '#time';
import { issuerResource, startIssuer, type TestIssuer } from '../../../../../test/harness/token-issuer.ts';
import { askFor, factsOf, openTestLedger, type TestLedger, tenantOf } from '../__fixtures__/open-ledger.ts';
import type { Principal } from '../principal.ts';

let test: TestLedger;
let issuer: TestIssuer;
let fetch: GuardedFetch;
beforeEach(async () => {
  fetch = createGuardedFetch({ clock: createSystemClock(), privateHosts: ['127.0.0.1'] });
  test = await openTestLedger({ fetch });
  issuer = await startIssuer({ clock: test.clock });
  test.ledger.setTenants([tenantOf('acme', { level: 'organisation' }), tenantOf('search', { parent: 'acme' }), tenantOf('other')]);
});
afterEach(async () => {
  await test.remove();
  await issuer.close();
  await fetch.close();
});

const trust = (spec: Parameters<typeof issuerResource>[1] = {}): void => test.ledger.setTokenIssuers([issuerResource(issuer, spec)]);
const signIn = async (claims: Record<string, unknown> = {}): Promise<Principal> => test.ledger.authenticate(await issuer.sign(claims));

describe('a caller with a token', () => {
  it('is who the claims say: team, user, end user, models and tags', async () => {
    trust({ map: { tenant: 'claims.team', user: 'claims.email', endUser: 'claims.customer', models: 'claims.models', tags: '["sso"]' } });

    const principal = await signIn({ team: 'search', email: 'ada@acme.com', customer: 'c-9', models: ['gpt-*'], sub: 'u-1' });

    expect(principal).toMatchObject({
      tenant: 'search',
      user: 'ada@acme.com',
      endUser: 'c-9',
      models: ['gpt-*'],
      tags: ['sso'],
      admin: false,
      claims: { email: 'ada@acme.com' },
    });
    expect(principal.keyId).toMatch(/^token_login_[0-9a-f]{24}$/);
  });

  it('holds to the budgets and limits of its team and user, as a key does', async () => {
    await test.ledger.putAccount({ level: 'user', name: 'ada', spec: { budgets: [{ usd: 5 }] } });
    test.ledger.setTenants([tenantOf('search', { limits: { requestsPerMinute: 2 }, budgets: [{ usd: 100 }] })]);
    trust({ map: { tenant: '"search"', user: 'claims.name' } });
    const principal = await signIn({ name: 'ada' });

    await expect((async () => test.ledger.admit(principal, askFor(6)))()).rejects.toMatchObject({
      code: 'quota_exceeded',
      details: { budget: 'tenant/ada/month' },
    });
    test.ledger.settle(await test.ledger.admit(principal, askFor(3)), factsOf(3));
    await test.ledger.admit(principal, askFor(1));
    await expect((async () => test.ledger.admit(principal, askFor(0)))()).rejects.toMatchObject({ code: 'rate_limited' });
    await test.ledger.flush();
    expect((await test.ledger.accountSpend({ ids: ['ada', 'search'] })).map((row) => row.costNanoUsd)).toEqual([3e9, 3e9]);
  });

  it('may use the models that the token, its user and its team allow', async () => {
    test.ledger.setTenants([tenantOf('search', { models: ['gpt-*'] })]);
    trust({ map: { tenant: '"search"', models: 'claims.models' } });
    const principal = await signIn({ models: ['gpt-5', 'haiku'] });
    await test.ledger.admit(principal, askFor(0, 'gpt-5'));

    await expect((async () => test.ledger.admit(principal, askFor(0, 'haiku')))()).rejects.toMatchObject({ code: 'model_not_allowed' });
    expect(['gpt-5', 'gpt-4', 'haiku'].map((name) => test.ledger.allowsModel(principal, name))).toEqual([true, false, false]);
  });

  it('pays for the end user of its token, whoever the request names', async () => {
    await test.ledger.putAccount({ level: 'end-user', name: 'c-1', spec: { budgets: [{ usd: 1 }] } });
    trust({ map: { endUser: 'claims.customer' } });
    const principal = await signIn({ customer: 'c-1' });

    await expect((async () => test.ledger.admit(principal, { ...askFor(2), endUser: 'somebody-else' }))()).rejects.toMatchObject({
      details: { budget: 'end-user/c-1/month' },
    });
  });

  it('stands in the list of keys, where it can be given limits, blocked and revoked at once, and not rotated', async () => {
    trust({ map: { user: 'claims.email' } });
    const { keyId } = await signIn({ email: 'ada@acme.com' });

    expect(await test.ledger.listKeys()).toMatchObject([{ id: keyId, name: 'ada@acme.com', prefix: 'token:login' }]);
    await test.ledger.updateKey(keyId, { limits: { requestsPerMinute: 7 } });
    expect(await signIn({ email: 'ada@acme.com' })).toMatchObject({ keyId, limits: { requestsPerMinute: 7 } });
    await expect(test.ledger.rotateKey(keyId)).rejects.toMatchObject({ code: 'conflict' });
    await test.ledger.updateKey(keyId, { blocked: true });
    await expect(signIn({ email: 'ada@acme.com' })).rejects.toMatchObject({ code: 'key_blocked' });
    await test.ledger.updateKey(keyId, { blocked: false });
    await test.ledger.revokeKey(keyId);
    await expect(signIn({ email: 'ada@acme.com' })).rejects.toMatchObject({ code: 'key_revoked' });
  });

  it('is refused with a token that was good a moment ago, as soon as its key is blocked', async () => {
    trust();
    const token = await issuer.sign({});
    const { keyId } = await test.ledger.authenticate(token);

    await test.ledger.updateKey(keyId, { blocked: true });

    await expect((async () => test.ledger.authenticate(token))()).rejects.toMatchObject({ code: 'key_blocked' });
  });

  it('moves with its claims and keeps what people have set', async () => {
    trust({ map: { tenant: 'claims.team' } });
    const { keyId } = await signIn({ team: 'search' });
    await test.ledger.updateKey(keyId, { budgets: [{ usd: 3 }], models: ['haiku'] });

    const moved = await signIn({ team: 'other' });

    expect(moved).toMatchObject({ keyId, tenant: 'other', models: ['haiku'], budgets: [{ capNanoUsd: 3e9 }] });
    expect((await test.ledger.principalOf(keyId))?.tenant).toBe('other');
  });

  it('is one object as long as nothing changes, so that its limits are put together once', async () => {
    trust();
    const token = await issuer.sign({});
    const first = await test.ledger.authenticate(token);
    await test.clock.advance(31_000);

    expect(await test.ledger.authenticate(token)).toBe(first);
    expect(test.ledger.authenticate(token)).toBe(first);
  });

  it('makes one key for many requests at once', async () => {
    trust();
    const token = await issuer.sign({});

    await Promise.all(Array.from({ length: 20 }, async () => test.ledger.authenticate(token)));

    expect(await test.ledger.listKeys()).toHaveLength(1);
    expect(issuer.fetches()).toBe(1);
  });

  it('can not leave the tenant that its issuer is bound to', async () => {
    trust({ within: 'acme', map: { tenant: 'claims.team' } });

    expect((await signIn({ team: 'search' })).tenant).toBe('search');
    expect((await signIn({ team: 'acme' })).tenant).toBe('acme');
    await expect(signIn({ team: 'other' })).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    await expect(signIn({ team: 'nobody' })).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('pays for the tenant that its issuer is bound to, else for the default one', async () => {
    trust({ within: 'acme' });
    expect((await signIn()).tenant).toBe('acme');

    trust();
    expect((await signIn()).tenant).toBe('default');
  });

  it('can not call for a team that does not exist', async () => {
    trust({ map: { tenant: 'claims.team' } });
    const principal = await signIn({ team: 'ghosts' });

    await expect((async () => test.ledger.admit(principal, askFor(0)))()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it.each([
    ['no claim', { map: { tenant: 'claims.team' } }, {}],
    ['a claim that is no name', { map: { tenant: 'claims.team' } }, { team: { name: 'search' } }],
    ['an account beside the tree', { map: { tenant: 'claims.team' } }, { team: 'tag/night' }],
    ['a name with a line break', { map: { user: 'claims.email' } }, { email: 'a\nb' }],
    ['models that are no list', { map: { models: 'claims.models' } }, { models: { gpt: true } }],
    ['too many tags', { map: { tags: 'claims.tags' } }, { tags: Array.from({ length: 101 }, () => 't') }],
    ['a condition that does not hold', { condition: 'claims.email_verified == true' }, { email_verified: false }],
    ['a condition that gives no truth value', { condition: 'claims.email' }, { email: 'ada' }],
  ])('is refused with 403 for %s', async (_what, spec, claims) => {
    trust(spec);

    await expect(signIn(claims)).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    expect(await test.ledger.listKeys()).toEqual([]);
  });

  it('is refused as soon as its issuer is trusted no more', async () => {
    trust();
    const token = await issuer.sign({});
    await test.ledger.authenticate(token);

    test.ledger.setTokenIssuers([]);

    await expect((async () => test.ledger.authenticate(token))()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('no TokenIssuer'),
    });
  });

  it('is refused when its token expires, also in the middle of the time for which it is remembered', async () => {
    trust({ clockSkewSeconds: 0 });
    const token = await issuer.sign({ exp: Math.floor(test.clock.nowMs() / 1000) + 10 });
    await test.ledger.authenticate(token);
    await test.clock.advance(11_000);

    await expect((async () => test.ledger.authenticate(token))()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('expired'),
    });
  });
});
