import type { ClusterView } from './cluster-view.ts';
import type { Owner } from './owner.ts';

/** Which resources must be looked at when one has changed: itself, and those whose objects depend on it. */
export function affectedBy(owner: Owner, view: Pick<ClusterView, 'resources'>): readonly Owner[] {
  const all = (kind: Owner['kind']): readonly Owner[] =>
    view.resources(kind, owner.namespace).map((object) => ({ kind, namespace: owner.namespace, name: object.metadata.name }));
  switch (owner.kind) {
    case 'Model':
      // A Route leaves backends out that are not served.
      return [owner, ...all('Route')];
    case 'GpuPool':
    case 'Route':
      // Pods carry the labels of their pool; a model has an InferencePool while a Route sends to it.
      return [owner, ...all('Model')];
  }
}
