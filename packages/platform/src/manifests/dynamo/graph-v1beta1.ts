import type { Component } from './component.ts';

/** The spec of a graph in `nvidia.com/v1beta1`: a list of components, each with a pod template whose container `main` is the program. */
export const graphV1beta1 = (components: readonly Component[]): object => ({ components: components.map(toComponent) });

function toComponent({ name, type, replicas, nodes, ...pod }: Component): object {
  return {
    name,
    type,
    replicas,
    ...(nodes > 1 ? { multinode: { nodeCount: nodes } } : {}),
    podTemplate: { spec: podSpec(pod) },
  };
}

function podSpec({ image, command, args, env, envFrom, gpu }: Omit<Component, 'name' | 'type' | 'replicas' | 'nodes'>): object {
  const resources = gpu === undefined ? {} : { resources: { limits: gpu.limits, ...(gpu.claims === undefined ? {} : { claims: gpu.claims }) } };
  return {
    ...(gpu === undefined || Object.keys(gpu.nodeSelector).length === 0 ? {} : { nodeSelector: gpu.nodeSelector }),
    ...(gpu === undefined ? {} : { tolerations: gpu.tolerations }),
    ...(gpu?.resourceClaims === undefined ? {} : { resourceClaims: gpu.resourceClaims }),
    containers: [
      {
        name: 'main',
        image,
        command,
        args,
        ...(env.length === 0 ? {} : { env }),
        ...(envFrom === undefined ? {} : { envFrom: [{ secretRef: { name: envFrom } }] }),
        ...resources,
      },
    ],
  };
}
