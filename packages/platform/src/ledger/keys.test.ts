import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestLedger, type TestLedger } from './__fixtures__/open-ledger.ts';

let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

const create = (changes = {}) => test.ledger.createKey({ tenant: 'default', name: 'ci', ...changes });

describe('keys', () => {
  it('shows the secret once and keeps only its hash', async () => {
    const { key, secret } = await create({
      models: ['auto'],
      budgets: [{ usd: 12.5, window: 'total' }],
      limits: { requestsPerMinute: 5 },
      expiresMs: 1_900_000_000_000,
    });

    expect(secret).toMatch(/^sk-maru-[\w-]{32,}$/);
    expect(key).toMatchObject({
      prefix: secret.slice(0, 12),
      models: ['auto'],
      budgets: [{ usd: 12.5, window: 'total', mode: 'hard', warnAtPercent: 80 }],
      limits: { requestsPerMinute: 5 },
    });
    expect(JSON.stringify(await test.store.db.selectFrom('api_key').selectAll().execute())).not.toContain(secret.slice(12));
    expect(await test.ledger.listKeys()).toEqual([key]);
    expect(await test.ledger.getKey(key.id)).toEqual(key);
    expect(await test.ledger.getKey('key_none')).toBeUndefined();
  });

  it('knows who calls, from memory after the first time', async () => {
    const { key, secret } = await create({ models: ['auto'], budgets: [{ usd: 1, window: 'day' }] });

    const first = test.ledger.authenticate(secret);
    expect(first).toBeInstanceOf(Promise);
    const principal = await first;
    expect(principal).toMatchObject({ keyId: key.id, tenant: 'default', name: 'ci', admin: false, models: ['auto'] });
    expect(principal.budgets).toMatchObject([{ id: `key/${key.id}/day`, capNanoUsd: 1_000_000_000 }]);

    expect(test.ledger.authenticate(secret)).toBe(principal);
  });

  it('refuses what is no key, an unknown key and a key with one other character', async () => {
    const { secret } = await create();
    const other = secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a');

    expect(() => test.ledger.authenticate('')).toThrow(expect.objectContaining({ code: 'unauthenticated', status: 401 }));
    expect(() => test.ledger.authenticate('Bearer x')).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
    expect(() => test.ledger.authenticate(`sk-${'x'.repeat(10_000)}`)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
    await expect(test.ledger.authenticate(other)).rejects.toMatchObject({ code: 'unauthenticated', message: expect.not.stringContaining(other) });
  });

  it('stops working at once when it is revoked', async () => {
    const { key, secret } = await create();
    await test.ledger.authenticate(secret);

    await test.ledger.revokeKey(key.id);

    await expect(test.ledger.authenticate(secret)).rejects.toMatchObject({ code: 'key_revoked' });
    expect(() => test.ledger.authenticate(secret)).toThrow(expect.objectContaining({ code: 'key_revoked' }));
    expect((await test.ledger.getKey(key.id))?.revokedMs).toBe(test.clock.nowMs());
    await expect(test.ledger.revokeKey('key_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps the time of the first revocation', async () => {
    const { key } = await create();
    await test.ledger.revokeKey(key.id);
    const revokedMs = test.clock.nowMs();
    await test.clock.advance(1000);
    await test.ledger.revokeKey(key.id);

    expect((await test.ledger.getKey(key.id))?.revokedMs).toBe(revokedMs);
  });

  it('stops working in another process within half a minute', async () => {
    const { key, secret } = await create();
    const other = await test.restart({ holder: 'other' });
    await other.authenticate(secret);

    await test.ledger.revokeKey(key.id);
    await test.clock.advance(30_000);

    await expect(other.authenticate(secret)).rejects.toMatchObject({ code: 'key_revoked' });
  });

  it('stops working when its time is over, also out of memory', async () => {
    const { secret } = await create({ expiresMs: test.clock.nowMs() + 5000 });
    await test.ledger.authenticate(secret);
    await test.clock.advance(4999);
    expect(test.ledger.authenticate(secret)).toMatchObject({ name: 'ci' });

    await test.clock.advance(1);

    expect(() => test.ledger.authenticate(secret)).toThrow(expect.objectContaining({ code: 'key_revoked', message: expect.stringContaining('expired') }));
  });

  it('remembers when it was last used, without a write per request', async () => {
    const { key, secret } = await create();
    await test.ledger.authenticate(secret);
    const usedMs = test.clock.nowMs();
    expect((await test.ledger.getKey(key.id))?.lastUsedMs).toBeUndefined();

    await test.clock.advance(10_000);

    await expect.poll(async () => (await test.ledger.getKey(key.id))?.lastUsedMs).toBe(usedMs);
  });

  it('lists the keys of a tenant', async () => {
    await create({ name: 'a' });
    await create({ name: 'b', tenant: 'research' });

    expect((await test.ledger.listKeys({ tenant: 'research' })).map((key) => key.name)).toEqual(['b']);
    expect((await test.ledger.listKeys()).map((key) => key.name)).toEqual(['a', 'b']);
  });

  it.each([
    [{ tenant: 'new\nline' }, 'tenant'],
    [{ name: '  ' }, 'name'],
    [{ budgets: [{ usd: -1 }] }, 'budgets.0.usd'],
    [{ budgets: [{ usd: Number.NaN }] }, 'budgets.0.usd'],
    [{ limits: { requestsPerMinute: 0 } }, 'limits.requestsPerMinute'],
    [{ unknown: true }, 'unknown'],
  ])('refuses %j and names the field', async (changes, field) => {
    await expect(create(changes)).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining(field) });
    expect(await test.ledger.listKeys()).toEqual([]);
  });
});

describe('master key', () => {
  it('is an administrator of the default tenant, and is in no list', async () => {
    expect(test.ledger.authenticate('sk-master-for-tests')).toMatchObject({ keyId: 'master', tenant: 'default', admin: true });
    expect(await test.ledger.listKeys()).toEqual([]);
    await expect(test.ledger.authenticate('sk-master-for-testz')).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
