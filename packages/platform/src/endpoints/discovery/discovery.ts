/** An address at which a replica of a model answers. */
export interface FoundEndpoint {
  /** Unique among the endpoints of a model and the same each time it is found: host and port. */
  readonly name: string;
  /** Scheme, host and port, without a path. */
  readonly url: string;
  readonly host: string;
  /** Which part of requests it is meant for; absent where it is meant for whole ones. */
  readonly role?: 'prefill' | 'decode';
}

/** Tells where the replicas of a model are, until it is closed. */
export interface Discovery {
  /** Resolves when there has been a first answer, whatever it was. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export interface DiscoveryEvents {
  /** Told whenever the list is another one; in the order of their names. Never called before the discovery has been returned. */
  readonly onChange: (found: readonly FoundEndpoint[]) => void;
  readonly onProblem: (problem: 'discovery-failed', detail: string) => void;
  readonly onWell: () => void;
}

/** An endpoint at this host and port; IPv6 hosts get their brackets. */
export function endpointAt(host: string, port: number, scheme: 'http' | 'https' = 'http'): FoundEndpoint {
  const written = host.includes(':') ? `[${host}]` : host;
  return { name: `${written}:${port}`, url: `${scheme}://${written}:${port}`, host: written };
}

/** Tells of a list where it is another one than the last time, each endpoint once and in order. */
export function tellChanges(onChange: DiscoveryEvents['onChange']): (found: readonly FoundEndpoint[]) => void {
  let before = '';
  return (found) => {
    const next = [...new Map(found.map((endpoint) => [endpoint.name, endpoint])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const now = next.map(({ url, role }) => `${url} ${role}`).join(' ');
    if (now === before) return;
    before = now;
    onChange(next);
  };
}
