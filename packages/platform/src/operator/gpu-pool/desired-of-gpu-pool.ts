import type { GpuPool } from '@maru/api/resources';
import { type RenderOptions, renderResources } from '#manifests';
import type { Desired } from '../neighbours.ts';

/** The nodes of one GpuPool, how they are shared, and the quota of its namespace. */
export function desiredOfGpuPool(pool: GpuPool, render: RenderOptions): Desired {
  const origin = `GpuPool/${pool.metadata.name}`;
  const result = renderResources({ resources: [pool], options: render });
  return { objects: result.objects.filter((object) => object.origin === origin).map((object) => object.manifest), notes: [] };
}
