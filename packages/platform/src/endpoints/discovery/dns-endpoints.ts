import { Resolver } from 'node:dns/promises';
import type { Clock, Timer } from '#time';
import { type Discovery, type DiscoveryEvents, endpointAt, type FoundEndpoint, tellChanges } from './discovery.ts';

const MIN_TTL_MS = 1000;
const MAX_TTL_MS = 300_000;
/** Between tries while the server does not answer; what was found before stays. */
const RETRY_MS = 5000;

/** The questions that are asked of the DNS. */
interface DnsLookup {
  addresses(name: string): Promise<readonly { readonly address: string; readonly ttlS: number }[]>;
  services(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
}

export interface DnsEndpointsOptions extends DiscoveryEvents {
  /** A name with A and AAAA records, such as that of a headless Service, or one with SRV records. */
  readonly name: string;
  readonly type: 'a' | 'srv';
  /** For names of type `a`. */
  readonly port: number;
  readonly scheme?: 'http' | 'https';
  readonly clock: Clock;
  readonly lookup?: DnsLookup;
}

/** Endpoints behind a DNS name, asked again when the time to live of the answer is over. */
export function dnsEndpoints(options: DnsEndpointsOptions): Discovery {
  const { clock, name, scheme } = options;
  const lookup = options.lookup ?? systemLookup();
  const tell = tellChanges(options.onChange);
  let timer: Timer | undefined;
  let closed = false;

  const resolveOnce = async (): Promise<number> => {
    const targets = options.type === 'srv' ? await lookup.services(name) : [{ name, port: options.port }];
    const found: FoundEndpoint[] = [];
    let ttlMs = MAX_TTL_MS;
    for (const target of targets) {
      for (const { address, ttlS } of await lookup.addresses(target.name)) {
        found.push(endpointAt(address, target.port, scheme));
        ttlMs = Math.min(ttlMs, ttlS * 1000);
      }
    }
    if (!closed) tell(found);
    options.onWell();
    return Math.max(MIN_TTL_MS, found.length === 0 ? RETRY_MS : ttlMs);
  };

  const run = async (): Promise<void> => {
    const waitMs = await resolveOnce().catch((error: unknown) => {
      options.onProblem('discovery-failed', `DNS for ${name}: ${(error as Error).message}`);
      return RETRY_MS;
    });
    if (!closed) timer = clock.schedule(waitMs, () => void run());
  };

  return {
    ready: run(),
    close: async () => {
      closed = true;
      timer?.cancel();
    },
  };
}

/** A name that does not exist has no addresses; every other failure is thrown. */
const GONE = new Set(['ENODATA', 'ENOTFOUND']);

function systemLookup(): DnsLookup {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const orNone = async <T>(asked: Promise<readonly T[]>): Promise<readonly T[]> =>
    asked.catch((error: NodeJS.ErrnoException) => {
      if (GONE.has(error.code ?? '')) return [];
      throw error;
    });
  return {
    addresses: async (name) => {
      const [four, six] = await Promise.all([orNone(resolver.resolve4(name, { ttl: true })), orNone(resolver.resolve6(name, { ttl: true }))]);
      return [...four, ...six].map(({ address, ttl }) => ({ address, ttlS: ttl }));
    },
    services: (name) => orNone(resolver.resolveSrv(name)),
  };
}
