import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFakeClock, createSeededIds } from '#time';
import { hashSecret, sameHash } from './key-secret.ts';
import type { KeyStore, StoredKey } from './key-store.ts';
import { createKeys } from './keys.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** A store that notes what it is asked, in place of a database. */
function notingStore(stored: StoredKey | undefined): { readonly store: KeyStore; readonly asked: string[] } {
  const asked: string[] = [];
  const none = (): Promise<never> => Promise.reject(new TypeError('the check of a key asks for nothing else'));
  return {
    asked,
    store: {
      insert: none,
      putCaller: none,
      byId: none,
      list: none,
      update: none,
      rotate: none,
      revoke: none,
      remove: none,
      touch: none,
      byHash: (hash) => {
        asked.push(hash);
        return Promise.resolve(stored);
      },
    },
  };
}

const secret = 'sk-maru-the-right-one';
const keysWith = (stored: StoredKey | undefined) => {
  const noting = notingStore(stored);
  return { ...noting, keys: createKeys({ keys: noting.store, clock: createFakeClock(0), ids: createSeededIds(1), masterKey: 'sk-master' }) };
};
const refusal = async (keys: ReturnType<typeof createKeys>, sent: string): Promise<string> => {
  try {
    await keys.authenticate(sent);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the time that the check of a key takes', () => {
  it('depends on the hash of what was sent: nothing is ever looked up by the secret or a part of it', async () => {
    const { keys, asked } = keysWith(undefined);

    for (const sent of [secret, `${secret}x`, secret.slice(0, -1), 'sk-x']) expect(await refusal(keys, sent)).toBe('unauthenticated');
    expect(asked).toEqual([secret, `${secret}x`, secret.slice(0, -1), 'sk-x'].map(hashSecret));
    expect(asked.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });

  it('is not saved by a store that answers with a key that only looks alike', async () => {
    const almost = `${hashSecret(secret).slice(0, -1)}${hashSecret(secret).endsWith('0') ? '1' : '0'}`;
    const { keys } = keysWith({ hash: almost, oldHash: undefined } as StoredKey);

    expect(await refusal(keys, secret)).toBe('unauthenticated');
  });

  it('is that of timingSafeEqual wherever two hashes meet: no file of the room compares a hash or secret in another way', () => {
    const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    const compares = files.flatMap((name) =>
      [...read(name).matchAll(/([\w.]+) (?:===|!==) ([\w.']+)/g)]
        .filter(
          (match) =>
            !['undefined', "''"].includes(match[2] ?? '') &&
            [match[1], match[2]].some((side) => /(^|\.)(hash|oldHash|secret|master|masterKey)$/.test(side ?? '')),
        )
        .map((match) => `${name}: ${match[0]}`),
    );

    // Who makes a key knows its secret, and the row of a token has no secret.
    expect(compares).toEqual(['keys.ts: hash === master', 'keys.ts: stored.hash === id']);
    expect(read('key-secret.ts')).toMatch(/sameHash = .*timingSafeEqual\(Buffer\.from\(left\), Buffer\.from\(right\)\)/);
  });

  it('compares hashes of equal length only, and says what is true', () => {
    expect([sameHash(hashSecret('a'), hashSecret('a')), sameHash(hashSecret('a'), hashSecret('b')), sameHash('', hashSecret('a'))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
