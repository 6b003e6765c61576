import { createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { createSelfSigned } from './self-signed.ts';

const deps = { clock: createFakeClock(Date.UTC(2027, 0, 2)), ids: createSeededIds() };

describe('self-signed certificate', () => {
  it('is one that its own key has signed, valid from the day before', () => {
    const { certificate, key } = createSelfSigned('maru-picker', deps);
    const found = new X509Certificate(certificate);

    expect(found.verify(createPublicKey(key))).toBe(true);
    expect([found.subject, found.issuer]).toEqual(['CN=maru-picker', 'CN=maru-picker']);
    expect(new Date(found.validFrom).toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(new Date(found.validTo).getUTCFullYear()).toBe(2036);
  });

  it('is another one each time', () => {
    const [one, other] = [createSelfSigned('a', deps), createSelfSigned('a', deps)];
    expect(one.key.equals(other.key)).toBe(false);
    expect(new X509Certificate(one.certificate).serialNumber).not.toBe(new X509Certificate(other.certificate).serialNumber);
  });
});
