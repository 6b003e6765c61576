import { isPlatformError } from '@maru/api/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createCloud } from './cloud.ts';

const cloud = createCloud({ clock: createFakeClock(), environment: {} });
const signal = new AbortController().signal;
const refusal = (fetching: Promise<unknown>): Promise<unknown> =>
  fetching.then(
    () => 'answered',
    (error: unknown) => error,
  );
afterAll(() => cloud.close());

describe('what sources of credentials may reach', () => {
  it.each(['http://169.254.169.254/latest/meta-data/', 'http://127.0.0.1:1/', 'http://10.0.0.1/', 'file:///etc/passwd'])(
    'is public for addresses that a resource names, so not %s',
    async (url) => {
      expect(isPlatformError(await refusal(cloud.publicFetch.fetch({ url, method: 'GET' }, signal)), 'address_blocked')).toBe(true);
    },
  );

  it.each(['http://example.com/', 'http://10.0.0.1/', 'https://169.254.1.1/'])(
    'is a metadata service for those that the environment names, so not %s',
    async (url) => {
      expect(isPlatformError(await refusal(cloud.metadataFetch.fetch({ url, method: 'GET' }, signal)), 'address_blocked')).toBe(true);
    },
  );

  it('is an agent beside the process too', async () => {
    expect(isPlatformError(await refusal(cloud.metadataFetch.fetch({ url: 'http://127.0.0.1:1/', method: 'GET' }, signal)), 'upstream_unreachable')).toBe(true);
  });
});
