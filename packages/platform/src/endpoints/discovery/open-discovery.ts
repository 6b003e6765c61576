import type { DiscoverySpec, FleetDeps } from '../ports.ts';
import type { Discovery, DiscoveryEvents } from './discovery.ts';
import { dnsEndpoints } from './dns-endpoints.ts';
import { listedEndpoints } from './listed-endpoints.ts';
import { poolEndpoints } from './pool-endpoints.ts';

/** Opens the discovery that a spec asks for. */
export function openDiscovery(spec: DiscoverySpec, deps: Pick<FleetDeps, 'clock' | 'random' | 'log' | 'kube'> & DiscoveryEvents): Discovery {
  const events: DiscoveryEvents = { onChange: deps.onChange, onProblem: deps.onProblem, onWell: deps.onWell };
  switch (spec.type) {
    case 'list':
      return listedEndpoints(spec, events);
    case 'dns':
      return dnsEndpoints({ ...events, name: spec.name, type: spec.records, port: spec.port, scheme: spec.scheme, clock: deps.clock });
    case 'pool':
      return onceConnected(spec, deps, events);
  }
}

function onceConnected(
  spec: Extract<DiscoverySpec, { type: 'pool' }>,
  deps: Pick<FleetDeps, 'clock' | 'random' | 'log' | 'kube'>,
  events: DiscoveryEvents,
): Discovery {
  const { clock, random, log } = deps;
  const opened = deps
    .kube()
    .then((kube) => poolEndpoints({ ...events, pool: spec.name, namespace: spec.namespace, kube, clock, random, log }))
    .catch((error: unknown) => {
      events.onProblem('discovery-failed', (error as Error).message);
      return undefined;
    });
  return {
    ready: opened.then((discovery) => discovery?.ready),
    close: async () => (await opened)?.close(),
  };
}
