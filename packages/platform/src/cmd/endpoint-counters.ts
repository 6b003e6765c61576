/** Requests and errors of each endpoint since this process started. */
export interface EndpointCounters {
  count(endpoint: string, outcome: 'ok' | 'error' | 'cancelled'): void;
  of(endpoint: string): { readonly requests: number; readonly errors: number };
  forget(endpoint: string): void;
}

export function createEndpointCounters(): EndpointCounters {
  const counts = new Map<string, { requests: number; errors: number }>();
  return {
    count(endpoint, outcome) {
      const entry = counts.get(endpoint) ?? { requests: 0, errors: 0 };
      entry.requests += 1;
      if (outcome === 'error') entry.errors += 1;
      counts.set(endpoint, entry);
    },
    of: (endpoint) => ({ requests: 0, errors: 0, ...counts.get(endpoint) }),
    forget: (endpoint) => void counts.delete(endpoint),
  };
}
