import { type Discovery, type DiscoveryEvents, endpointAt, type FoundEndpoint, tellChanges } from './discovery.ts';

interface Listed {
  readonly urls: readonly string[];
  /** Of replicas that only compute prompts; those of `urls` are for answers where there are any. */
  readonly prefillUrls: readonly string[];
}

/** Endpoints that a person has written down. Throws `TypeError` for what is no URL; resources check that before. */
export function listedEndpoints({ urls, prefillUrls }: Listed, events: Pick<DiscoveryEvents, 'onChange'>): Discovery {
  const decode = urls.map(endpointOf).map((endpoint): FoundEndpoint => (prefillUrls.length === 0 ? endpoint : { ...endpoint, role: 'decode' }));
  const found = [...decode, ...prefillUrls.map((url): FoundEndpoint => ({ ...endpointOf(url), role: 'prefill' }))];
  return { ready: Promise.resolve().then(() => tellChanges(events.onChange)(found)), close: async () => undefined };
}

function endpointOf(url: string): FoundEndpoint {
  const { protocol, hostname, port } = new URL(url);
  const https = protocol === 'https:';
  return endpointAt(hostname.replace(/^\[|\]$/g, ''), Number(port) || (https ? 443 : 80), https ? 'https' : 'http');
}
