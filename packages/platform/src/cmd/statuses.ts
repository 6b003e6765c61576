import type { Registry } from '#resources';
import type { EnginePool } from './engine-pool.ts';

/** Says of every resource whether it works here. What only a cluster can carry out says so. */
export function refreshStatuses(registry: Registry, pool: EnginePool): void {
  for (const { resource, generation } of registry.all()) {
    const { kind, metadata } = resource;
    const set = (status: Record<string, unknown>): void =>
      registry.setStatus(kind, metadata.name, { ...registry.status(kind, metadata.name), observedGeneration: generation, ...status });
    if (kind === 'Model') {
      const engines = pool.enginesOf(metadata.name).length;
      const problem = pool.problemOf(metadata.name);
      if (problem !== undefined) set({ phase: 'Failed', message: problem, readyReplicas: 0 });
      else
        set({
          phase: engines > 0 ? 'Ready' : 'Pending',
          readyReplicas: engines,
          ...(engines > 0 ? {} : { message: 'it has no replica in this process; apply it to a cluster, or name its endpoints' }),
        });
    } else if (kind === 'GpuPool' || kind === 'Cluster') {
      set({ phase: 'Ready', message: 'used here for sizing and rendering; "maru operator" makes it on a cluster' });
    } else if (registry.status(kind, metadata.name)?.phase === undefined && kind !== 'KnowledgeBase') {
      set({ phase: 'Ready' });
    }
  }
}
