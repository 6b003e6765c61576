import { type InformerDeps, type KubeObject, startInformer } from '#kube';
import type { Objectives } from '../ports.ts';
import { objectiveSchema } from './read-objectives.ts';

/** The InferenceObjectives of a namespace, followed until they are closed. */
export interface ClusterObjectives extends Objectives {
  close(): Promise<void>;
}

/** Follows the InferenceObjectives of a cluster; one that can not be read has no priority. */
export function followObjectives(namespace: string, deps: InformerDeps): ClusterObjectives {
  const priorities = new Map<string, number>();
  const put = (object: KubeObject): void => {
    const found = objectiveSchema.safeParse(object);
    if (found.success) priorities.set(object.metadata.name, found.data.spec.priority ?? 0);
    else priorities.delete(object.metadata.name);
  };
  const informer = startInformer(
    { apiVersion: 'llm-d.ai/v1alpha2', kind: 'InferenceObjective', namespace },
    { changed: put, gone: (object) => void priorities.delete(object.metadata.name) },
    deps,
  );
  return { priorityOf: (name) => priorities.get(name), close: () => informer.close() };
}
