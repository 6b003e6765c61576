import type { GpuPool } from '@maru/api/resources';
import type { KubeManifest } from '../manifest.ts';
import { kubeName, LABELS, managedLabels, meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import { toYaml } from '../to-yaml.ts';

/** The ConfigMap that the GPU operator's device plugin or MIG manager is pointed to; its key is the name of the pool. */
export function sharingConfig(pool: GpuPool, context: RenderContext): KubeManifest | undefined {
  const { sharing } = pool.spec;
  const key = kubeName(pool.metadata.name);
  const configMap = (name: string, data: Readonly<Record<string, string>>): KubeManifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta(name, context.namespace, managedLabels({ [LABELS.pool]: pool.metadata.name })),
    data,
  });
  switch (sharing.mode) {
    case 'time-slicing':
    case 'mps': {
      const slices = { resources: [{ name: 'nvidia.com/gpu', replicas: sharing.replicas }] };
      // A pod that asks for two slices would get no more time than one with a single slice, so it is refused.
      const body =
        sharing.mode === 'mps'
          ? { version: 'v1', sharing: { mps: slices } }
          : { version: 'v1', sharing: { timeSlicing: { failRequestsGreaterThanOne: true, ...slices } } };
      return configMap(`device-plugin-${key}`, { [key]: plainYaml(body) });
    }
    case 'mig':
      return configMap(`mig-${key}`, {
        'config.yaml': plainYaml({ version: 'v1', 'mig-configs': { [key]: [{ devices: 'all', 'mig-enabled': true, 'mig-devices': sharing.profiles }] } }),
      });
    default:
      return undefined;
  }
}

const plainYaml = (value: object): string => toYaml([value as KubeManifest]);
