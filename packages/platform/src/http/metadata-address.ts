import ipaddr from 'ipaddr.js';

/** Metadata services that are not link-local: AWS over IPv6, Alibaba Cloud. */
const KNOWN = new Set(['fd00:ec2::254', '100.100.100.200']);

/**
 * Whether an IP address can only be a cloud's metadata service or no server at all: link-local, multicast or broadcast, also inside an
 * IPv6 form. Names are not addresses, and give false.
 */
export function isMetadataAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return false;
  const parsed = ipaddr.process(bare);
  return ['linkLocal', 'multicast', 'broadcast'].includes(parsed.range()) || KNOWN.has(parsed.toString());
}
