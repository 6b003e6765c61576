import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestLedger, type TestLedger } from './__fixtures__/open-ledger.ts';

let test: TestLedger;
beforeEach(async () => {
  test = await openTestLedger();
});
afterEach(() => test.remove());

const authenticate = async (secret: string) => test.ledger.authenticate(secret);

describe('changes of keys', () => {
  it('rotate: the old secret works until its grace is over, the new one at once', async () => {
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
    await authenticate(secret);

    const rotated = await test.ledger.rotateKey(key.id, { graceMs: 60_000 });

    expect((await authenticate(rotated.secret)).keyId).toBe(key.id);
    expect((await authenticate(secret)).keyId).toBe(key.id);
    await test.clock.advance(60_001);
    await expect(authenticate(secret)).rejects.toMatchObject({ code: 'key_revoked', message: expect.stringContaining(rotated.key.prefix) });
    expect((await authenticate(rotated.secret)).keyId).toBe(key.id);
  });

  it('rotate without grace, and never a revoked key', async () => {
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
    await test.ledger.rotateKey(key.id);
    await expect(authenticate(secret)).rejects.toMatchObject({ code: 'key_revoked' });
    await test.ledger.revokeKey(key.id);

    await expect(test.ledger.rotateKey(key.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.ledger.rotateKey('key_none')).rejects.toMatchObject({ code: 'not_found' });
    await expect(test.ledger.rotateKey(key.id, { graceMs: -1 })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('block and unblock', async () => {
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
    await authenticate(secret);
    await test.ledger.updateKey(key.id, { blocked: true });
    await expect(authenticate(secret)).rejects.toMatchObject({ code: 'key_blocked', status: 403 });

    await test.ledger.updateKey(key.id, { blocked: false });

    expect((await authenticate(secret)).keyId).toBe(key.id);
  });

  it('change what is named, take away what is null, keep the rest', async () => {
    const { key } = await test.ledger.createKey({ tenant: 'default', name: 'ci', models: ['a'], limits: { requestsPerMinute: 5 }, metadata: { team: 7 } });

    const changed = await test.ledger.updateKey(key.id, { models: null, budgets: [{ usd: 3, window: '30d' }], tags: ['x'], expiresMs: undefined });

    expect(changed).toEqual({ ...key, models: undefined, budgets: [{ usd: 3, window: '30d', mode: 'hard', warnAtPercent: 80 }], tags: ['x'] });
    expect(await test.ledger.getKey(key.id)).toEqual(changed);
    await expect(test.ledger.updateKey(key.id, { name: null } as never)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(test.ledger.updateKey('key_none', {})).rejects.toMatchObject({ code: 'not_found' });
  });

  it('come with a secret or the hash of one, from another gateway', async () => {
    const given = await test.ledger.createKey({ tenant: 'default', name: 'g', secret: 'sk-from-elsewhere-1' });
    const hashed = await test.ledger.createKey({ tenant: 'default', name: 'h', hash: hash('sha256', 'sk-from-elsewhere-2', 'hex') });

    expect((await authenticate('sk-from-elsewhere-1')).keyId).toBe(given.key.id);
    expect((await authenticate('sk-from-elsewhere-2')).keyId).toBe(hashed.key.id);
    expect((await test.ledger.findKey('sk-from-elsewhere-2'))?.id).toBe(hashed.key.id);
    expect(hashed.secret).toBe('');
    await expect(test.ledger.createKey({ tenant: 'default', name: 'x', secret: 'sk-from-elsewhere-2' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(test.ledger.createKey({ tenant: 'default', name: 'x', secret: 'sk-short' })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('delete: the key is gone, its name may come again', async () => {
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
    await authenticate(secret);
    await test.ledger.deleteKey(key.id);

    await expect(authenticate(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await test.ledger.listKeys({ name: 'ci' })).toEqual([]);
  });

  it.each(["sk-' or 1=1 --", 'sk-"; drop table api_key; --', `sk-${'%'.repeat(200)}`])('are not found by SQL in a secret: %s', async (secret) => {
    const { key } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });

    await expect(authenticate(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await test.ledger.findKey(secret)).toBeUndefined();
    expect(await test.ledger.getKey(key.id)).toBeDefined();
  });

  it('of another process hold at once after reread, not only when the key is asked for again', async () => {
    const { key, secret } = await test.ledger.createKey({ tenant: 'default', name: 'ci' });
    const other = await test.restart({ holder: 'other' });
    await other.authenticate(secret);
    await test.ledger.revokeKey(key.id);
    expect((await other.authenticate(secret)).keyId).toBe(key.id);

    await other.reread();

    await expect((async () => other.authenticate(secret))()).rejects.toMatchObject({ code: 'key_revoked' });
  });
});
