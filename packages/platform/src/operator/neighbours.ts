import type { GpuPool, Model, Route } from '@maru/api/resources';
import type { KubeManifest, RenderNote } from '#manifests';

/** The resources of one namespace, as far as they are valid. */
export interface Neighbours {
  readonly models: readonly Model[];
  readonly pools: readonly GpuPool[];
  readonly routes: readonly Route[];
}

/** What a resource wants in the cluster. */
export interface Desired {
  readonly objects: readonly KubeManifest[];
  readonly notes: readonly RenderNote[];
}
