import { isPlatformError } from '@maru/api/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch } from '#http';
import { silentLog } from '#telemetry';
import { createFakeClock, createSystemClock, type FakeClock } from '#time';
import { issuerResource, startIssuer, type TestIssuer } from '../../../../../test/harness/token-issuer.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';

let clock: FakeClock;
let issuer: TestIssuer;
let fetch: GuardedFetch;
beforeEach(async () => {
  clock = createFakeClock(Date.parse('2026-11-21T10:30:00Z'));
  issuer = await startIssuer({ clock, discovery: true });
  fetch = createGuardedFetch({ clock: createSystemClock(), privateHosts: ['127.0.0.1'] });
});
afterEach(async () => {
  await issuer.close();
  await fetch.close();
});

const keysOf = (spec: Parameters<typeof issuerResource>[1] = {}, through: GuardedFetch = fetch): IssuerKeys =>
  createIssuerKeys({ issuer: issuerResource(issuer, spec), fetch: through, clock, log: silentLog });
const find = (keys: IssuerKeys, kid: string): Promise<string> =>
  keys.find({ alg: 'ES256', kid }).then(
    (found) => `${found.length} key`,
    (error: unknown) => (error as { code: string }).code,
  );

describe('keys of an issuer', () => {
  it('are fetched once and kept', async () => {
    const keys = keysOf();

    expect(await Promise.all([find(keys, 'k1'), find(keys, 'k1'), find(keys, 'k1')])).toEqual(['1 key', '1 key', '1 key']);
    await clock.advance(5 * 60_000);
    expect(await find(keys, 'k1')).toBe('1 key');
    expect(issuer.fetches()).toBe(1);
  });

  it('are fetched again for a key id that is new, so that a rotation is seen at once', async () => {
    const keys = keysOf();
    await find(keys, 'k1');
    await issuer.rotate();

    expect(await find(keys, 'k2')).toBe('1 key');
    expect(issuer.fetches()).toBe(2);
  });

  it('are asked for three times and then once in half a minute, whatever key ids strangers make up', async () => {
    const keys = keysOf();
    await find(keys, 'k1');

    for (let turn = 0; turn < 50; turn += 1) expect(await find(keys, `made-up-${turn}`)).toBe('unauthenticated');
    expect(issuer.fetches()).toBe(1 + 3);
    await clock.advance(31_000);
    await issuer.rotate();
    await Promise.all(Array.from({ length: 50 }, (_, turn) => find(keys, `again-${turn}`)));
    expect(issuer.fetches()).toBe(1 + 3 + 1);
    expect(await find(keys, 'k2')).toBe('1 key');
  });

  it('that were taken back stop working within ten minutes and one use', async () => {
    const keys = keysOf();
    await find(keys, 'k1');
    await issuer.rotate({ takeBack: true });
    await clock.advance(10 * 60_000);
    await find(keys, 'k1');

    await expect.poll(() => find(keys, 'k1')).toBe('unauthenticated');
    expect(await find(keys, 'k2')).toBe('1 key');
  });

  it('go on working for a day while the issuer is away, and no longer', async () => {
    const keys = keysOf();
    await find(keys, 'k1');
    issuer.answerWith({ status: 500, body: '' });
    await clock.advance(23 * 3_600_000);
    expect(await find(keys, 'k1')).toBe('1 key');
    await clock.advance(2 * 3_600_000);
    expect(await find(keys, 'k1')).toBe('issuer_unreachable');
    issuer.answerWith(undefined);
    await clock.advance(5000);

    expect(await find(keys, 'k1')).toBe('1 key');
  });

  it.each([
    ['an error', { status: 503, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no keys', { status: 200, body: '{"keys": "none"}' }],
    ['a book', { status: 200, body: JSON.stringify({ keys: [{ kty: 'EC', x: 'x'.repeat(300_000) }] }) }],
    ['too many keys', { status: 200, body: JSON.stringify({ keys: Array.from({ length: 201 }, () => ({ kty: 'EC' })) }) }],
  ])('can not be told from %s: nobody is refused for it, and the issuer is asked again after five seconds', async (_what, answer) => {
    issuer.answerWith(answer);
    const keys = keysOf();

    expect([await find(keys, 'k1'), await find(keys, 'k1')]).toEqual(['issuer_unreachable', 'issuer_unreachable']);
    expect(issuer.fetches()).toBe(1);
    issuer.answerWith(undefined);
    await clock.advance(5000);
    expect(await find(keys, 'k1')).toBe('1 key');
  });

  it('are found through the settings of the issuer where no address is given', async () => {
    expect(await find(keysOf({ jwksUrl: undefined as never }), 'k1')).toBe('1 key');
  });

  it('are not taken from settings that speak for somebody else', async () => {
    expect(await find(keysOf({ jwksUrl: undefined as never, issuer: `${issuer.url}/` }), 'k1')).toBe('issuer_unreachable');
  });

  it('are never fetched from a private network that is not allowed', async () => {
    const strict = createGuardedFetch({ clock: createSystemClock() });
    const error: unknown = await keysOf({}, strict)
      .find({ alg: 'ES256', kid: 'k1' })
      .catch((thrown: unknown) => thrown);

    expect(isPlatformError(error, 'issuer_unreachable') && isPlatformError(error.cause, 'address_blocked')).toBe(true);
    expect(issuer.fetches()).toBe(0);
    await strict.close();
  });

  it('of a broken kind stand in nobody else’s way', async () => {
    issuer.answerWith({
      status: 200,
      body: JSON.stringify({ keys: [{ kty: 'EC', kid: 'broken', alg: 'ES256', crv: 'P-256', x: 'x', y: 'y' }, ...issuer.publicKeys()] }),
    });
    const keys = keysOf();

    expect(await find(keys, 'k1')).toBe('1 key');
    expect(await find(keys, 'broken')).toBe('unauthenticated');
  });
});
