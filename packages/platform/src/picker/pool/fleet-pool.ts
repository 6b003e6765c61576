import type { EndpointFleet } from '#endpoints';
import type { PromptFacts } from '#router';
import type { Pool, PoolEndpoint } from '../ports.ts';

/** What a pool needs beside its fleet. */
export interface FleetPoolOptions {
  /** An endpoint is gone for good. */
  readonly onGone: (endpoint: string) => void;
}

/** The endpoints of a fleet as a pool, with the requests that this process has sent to each. */
export interface FleetPool extends Pool {
  /** Requests that an endpoint is answering. */
  running(address: string): number;
  /** Other endpoints are usable than before. */
  changed(): void;
}

/** `fleet` is asked anew at each call, since it can only be opened with this pool in hand. */
export function createFleetPool(model: string, fleet: () => EndpointFleet, { onGone }: FleetPoolOptions): FleetPool {
  const running = new Map<string, number>();
  const known = new Map<string, PoolEndpoint>();
  let usable: readonly PoolEndpoint[] = [];

  const endpointAt = (address: string): PoolEndpoint => {
    const found = known.get(address);
    if (found !== undefined) return found;
    const reported = (): ReturnType<PoolEndpoint['reported']> => {
      const signals = fleet().signals(address)?.signals;
      return signals === undefined ? undefined : { waiting: signals.waiting, kvUse: signals.kvUse ?? 0 };
    };
    const made: PoolEndpoint = {
      endpoint: address,
      address,
      followed: true,
      get kvTokens() {
        return fleet().signals(address)?.kvTokens;
      },
      cachedTokens: (facts: PromptFacts) => fleet().cachedTokens(address, facts),
      adapters: () => fleet().signals(address)?.signals?.adapters,
      suspect: () => fleet().suspect(address),
      reported,
      load: () => {
        const signals = fleet().signals(address)?.signals;
        if (signals === undefined) return { running: running.get(address) ?? 0, waiting: 0, reports: 'stale' };
        const { running: runs, waiting, kvUse, blocks } = signals;
        return { running: runs, waiting, reports: 'fresh', ...(kvUse === undefined ? {} : { kvUse }), ...(blocks === undefined ? {} : { kvBlocks: blocks }) };
      },
    };
    known.set(address, made);
    return made;
  };

  return {
    model,
    endpoints: () => usable,
    changed() {
      usable = fleet()
        .usable()
        // Who only prefills can not answer a client.
        .filter(({ role }) => role !== 'prefill')
        .map(({ name }) => endpointAt(name));
      const found = new Set(
        fleet()
          .all()
          .map(({ name }) => name),
      );
      for (const address of known.keys()) {
        if (found.has(address)) continue;
        known.delete(address);
        onGone(address);
      }
    },
    prepare({ operation, facts, promptBytes, value }) {
      if (operation === undefined || fleet().spec.kvEvents === undefined) return undefined;
      return fleet()
        .prepare(facts, { operation, promptBytes, value })
        .then(() => undefined);
    },
    begin: (address) => void running.set(address, (running.get(address) ?? 0) + 1),
    end(address, { facts, bytes, tokens }) {
      const left = (running.get(address) ?? 1) - 1;
      if (left > 0) running.set(address, left);
      else running.delete(address);
      if (tokens !== undefined) fleet().answered(address, { key: facts, bytes, tokens });
    },
    running: (address) => running.get(address) ?? 0,
  };
}
