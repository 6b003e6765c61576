import { type Discovery, type DiscoveryEvents, endpointAt, tellChanges } from './discovery.ts';

/** Endpoints that a person has written down. Throws `TypeError` for what is no URL; resources check that before. */
export function listedEndpoints(urls: readonly string[], events: Pick<DiscoveryEvents, 'onChange'>): Discovery {
  const found = urls.map((url) => {
    const { protocol, hostname, port } = new URL(url);
    const https = protocol === 'https:';
    return endpointAt(hostname.replace(/^\[|\]$/g, ''), Number(port) || (https ? 443 : 80), https ? 'https' : 'http');
  });
  return { ready: Promise.resolve().then(() => tellChanges(events.onChange)(found)), close: async () => undefined };
}
