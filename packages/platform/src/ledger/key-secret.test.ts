import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '#time';
import { hashSecret, looksLikeSecret, makeSecret, sameHash, visiblePrefix } from './key-secret.ts';

describe('key secret', () => {
  const ids = createIds(() => 0);

  it('is new every time and looks like a key', () => {
    const secrets = Array.from({ length: 200 }, () => makeSecret(ids.secret()));

    expect(new Set(secrets).size).toBe(200);
    expect(secrets.every(looksLikeSecret)).toBe(true);
  });

  it('shows four of its random characters and no more', () => {
    expect(visiblePrefix('sk-maru-abcdefghijklmnop')).toBe('sk-maru-abcd');
  });

  it('is stored as the SHA-256 that everybody computes', () => {
    expect(hashSecret('sk-maru-test')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(sameHash(hashSecret(left), hashSecret(right))).toBe(left === right);
      }),
    );
    expect(sameHash('', hashSecret('x'))).toBe(false);
  });
});
