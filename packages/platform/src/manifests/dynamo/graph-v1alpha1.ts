import type { Component } from './component.ts';
import type { DynamoModel } from './dynamo-model.ts';

/** The spec of a graph in `nvidia.com/v1alpha1`: a map of services; prefill and decode are sub-types of a worker. */
export const graphV1alpha1 = ({ dynamo }: DynamoModel, components: readonly Component[]): object => ({
  ...(dynamo.backend === 'mocker' ? {} : { backendFramework: dynamo.backend }),
  services: Object.fromEntries(components.map((component) => [component.name, toService(component)])),
});

function toService({ type, replicas, nodes, image, command, args, env, envFrom, gpu }: Component): object {
  const split = type === 'prefill' || type === 'decode';
  return {
    componentType: split ? 'worker' : type,
    ...(split ? { subComponentType: type } : {}),
    replicas,
    ...(nodes > 1 ? { multinode: { nodeCount: nodes } } : {}),
    ...(gpu === undefined ? {} : { resources: { limits: { gpu: String(gpu.count) }, ...(gpu.claims === undefined ? {} : { claims: gpu.claims }) } }),
    ...(envFrom === undefined ? {} : { envFromSecret: envFrom }),
    extraPodSpec: {
      ...(gpu === undefined || Object.keys(gpu.nodeSelector).length === 0 ? {} : { nodeSelector: gpu.nodeSelector }),
      ...(gpu === undefined ? {} : { tolerations: gpu.tolerations }),
      ...(gpu?.resourceClaims === undefined ? {} : { resourceClaims: gpu.resourceClaims }),
      mainContainer: { image, command, args, ...(env.length === 0 ? {} : { env }) },
    },
  };
}
