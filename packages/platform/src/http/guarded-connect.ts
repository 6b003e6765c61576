import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { isPublicAddress } from './public-address.ts';

/** Where names are looked up; the system's resolver but in tests. */
export type Resolver = (hostname: string, callback: (error: Error | null, addresses: readonly { address: string; family: number }[]) => void) => void;

export const systemResolver: Resolver = (hostname, callback) =>
  systemLookup(hostname, { all: true, verbatim: true }, (error, addresses) => callback(error, error === null ? addresses : []));

/**
 * A lookup for sockets that gives out allowed addresses only. It runs when the connection is made, so a name that changes its address
 * between a check and the call gains nothing. Fails with `address_blocked`.
 */
export function createGuardedLookup(resolve: Resolver, isAllowed: (address: string, hostname: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const first = addresses[0];
      if (error !== null || first === undefined) {
        callback(error ?? new PlatformError('upstream_unreachable', { message: `the name ${hostname} has no address` }), '');
        return;
      }
      if (addresses.some((one) => !isAllowed(one.address, hostname))) {
        callback(blocked(hostname), '');
        return;
      }
      if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

/** Checks what no lookup sees: the scheme, credentials in the address, and addresses that are written as numbers. */
export function checkUrl(url: URL, isExempt: (hostname: string) => boolean): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new PlatformError('address_blocked', { message: `addresses must begin with http or https, not "${url.protocol}"` });
  }
  if (url.username !== '' || url.password !== '') throw new PlatformError('address_blocked', { message: 'an address must not hold a user name or password' });
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && !isExempt(url.hostname) && !isPublicAddress(bare)) throw blocked(bare);
}

const blocked = (host: string): PlatformError =>
  new PlatformError('address_blocked', { message: `${host} leads into a private or local network, which outbound calls may not reach`, details: { host } });
