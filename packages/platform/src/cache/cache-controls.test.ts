import { describe, expect, it } from 'vitest';
import { readCacheControls } from './cache-controls.ts';

describe('what a request says about the cache', () => {
  it('is nothing by default', () => {
    expect(readCacheControls(undefined, undefined)).toEqual({ noCache: false, noStore: false, use: false });
  });

  it('may stand in the body, as in LiteLLM', () => {
    expect(readCacheControls({ 'no-cache': true, 'no-store': false, ttl: 60, 's-maxage': 5, namespace: 'n', 'use-cache': true }, undefined)).toEqual({
      noCache: true,
      noStore: false,
      use: true,
      ttlMs: 60_000,
      maxAgeMs: 5000,
      namespace: 'n',
    });
  });

  it.each([
    ['no-cache', { noCache: true, noStore: false }],
    ['no-store, no-cache', { noCache: true, noStore: true }],
    ['max-age=0', { noCache: true }],
    ['Max-Age=30', { noCache: false, maxAgeMs: 30_000 }],
    ['s-maxage=7, max-age=30', { maxAgeMs: 7000 }],
    ['max-age=never, ,=', { noCache: false, noStore: false }],
  ])('may stand in the header: %s', (header, expected) => {
    expect(readCacheControls(undefined, header)).toMatchObject(expected);
  });

  it('believes the body more than the header', () => {
    expect(readCacheControls({ 'no-cache': false }, 'no-cache')).toMatchObject({ noCache: false });
  });

  it.each([[{ ttl: -1 }], [{ ttl: '60' }], [{ unknown: true }], ['yes'], [{ namespace: '' }], [{ 'no-cache': 1 }]])('is refused when it is %j', (field) => {
    expect(() => readCacheControls(field, undefined)).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  });
});
