export type { Degradation } from './degradations.ts';
export { type EndpointFleet, type FleetEndpoint, openEndpointFleet } from './endpoint-fleet.ts';
export { createHttpClient, type HttpClient } from './http-client.ts';
export type { DiscoverySpec, FleetDeps, FleetSpec } from './ports.ts';
