import type { FleetSample } from './scaling-policy.ts';

/** Replicas that are ready or start. */
export const sizeOf = ({ replicas, pending }: FleetSample): number => replicas.length + pending;

export const sumOf = ({ replicas }: FleetSample, of: 'waiting' | 'running' | 'kvUse'): number => replicas.reduce((sum, replica) => sum + replica[of], 0);
