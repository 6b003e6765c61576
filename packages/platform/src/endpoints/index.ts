export type { Degradation } from './degradations.ts';
export { type EndpointFleet, type FleetEndpoint, openEndpointFleet } from './endpoint-fleet.ts';
export { createHttpClient, type HttpClient } from './http-client.ts';
export { decodeBatch as readKvBatch } from './kv-events/decode-batch.ts';
export { promptKeys } from './kv-index/block-keys.ts';
export { KvIndex } from './kv-index/kv-index.ts';
export { KvSource } from './kv-index/kv-source.ts';
export type { DiscoverySpec, FleetDeps, FleetSpec } from './ports.ts';
export type { AffinityFault, CanaryResult } from './self-check/canary.ts';
