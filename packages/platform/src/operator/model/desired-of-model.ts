import type { Model } from '@maru/api/resources';
import { type RenderOptions, renderResources } from '#manifests';
import type { Desired, Neighbours } from '../neighbours.ts';

/** The objects of one Model; the pool it runs on and the Routes that send to it have a say. */
export function desiredOfModel(model: Model, neighbours: Neighbours, render: RenderOptions): Desired {
  const result = renderResources({ resources: [model, ...neighbours.pools, ...neighbours.routes], options: render });
  const origin = `Model/${model.metadata.name}`;
  return {
    objects: result.objects.filter((object) => object.origin === origin).map((object) => object.manifest),
    notes: result.notes.filter((note) => note.origin === origin),
  };
}
