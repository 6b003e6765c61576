import type { Route } from '@maru/api/resources';
import { type RenderOptions, renderResources } from '#manifests';
import type { Desired, Neighbours } from '../neighbours.ts';

/** The HTTPRoute of one Route; the models behind it decide what can be said in Kubernetes. */
export function desiredOfRoute(route: Route, neighbours: Neighbours, render: RenderOptions): Desired {
  const origin = `Route/${route.metadata.name}`;
  const result = renderResources({ resources: [route, ...neighbours.models, ...neighbours.pools], options: render });
  return {
    objects: result.objects.filter((object) => object.origin === origin).map((object) => object.manifest),
    notes: result.notes.filter((note) => note.origin === origin),
  };
}
