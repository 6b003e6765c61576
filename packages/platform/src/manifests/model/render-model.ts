import { PlatformError } from '@maru/api/errors';
import type { GpuPool, Model } from '@maru/api/resources';
import { dynamoGraph } from '../dynamo/dynamo-graph.ts';
import type { KubeManifest } from '../manifest.ts';
import { meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { Rendered } from '../rendered.ts';
import { revisionOf } from '../revision.ts';
import { toYaml } from '../to-yaml.ts';
import { autoscaler } from './autoscaling.ts';
import { networkPolicy } from './network-policy.ts';
import { type ServedModel, toServedModel } from './served-model.ts';
import { deployment, leaderWorkerSet, servingSelector } from './workload.ts';

/** All objects of one Model; none for a model of a vendor. Throws `resource_invalid`, `reference_missing`, `not_supported`. */
export function renderModel(resource: Model, context: RenderContext, pools: ReadonlyMap<string, GpuPool>): readonly Rendered[] {
  const model = toServedModel(resource, pools);
  if (model === undefined) return [];
  if (model.serving.disaggregation !== undefined && model.serving.engine !== 'dynamo') {
    throw new PlatformError('not_supported', {
      message: `${model.origin}: prefill and decode are split by the engine dynamo only; set spec.serving.engine to dynamo or remove disaggregation`,
    });
  }
  const object = (manifest: KubeManifest | undefined, purpose: string): Rendered[] =>
    manifest === undefined ? [] : [{ manifest, origin: model.origin, purpose }];
  if (model.serving.engine === 'dynamo') {
    return [
      ...object(serviceAccount(model, context), 'identity of the pods'),
      ...object(dynamoGraph(model, context), 'frontend and workers'),
      ...object(gpuClaim(model, context), 'GPUs by claim'),
    ];
  }
  const config = model.simulated ? modelConfig(resource, model, context) : undefined;
  const workload = model.nodes > 1 ? leaderWorkerSet(model, context) : deployment(model, context, revisionOf(config));
  return [
    ...object(serviceAccount(model, context), 'identity of the pods; it has no rights'),
    ...object(config, 'the Model, as the simulated engine reads it'),
    ...object(gpuClaim(model, context), 'GPUs by claim'),
    ...object(workload, model.simulated ? `simulated: ${model.serving.engine}, no GPU` : `engine ${model.serving.engine}`),
    ...object(service(model, context), 'one address for all replicas'),
    ...object(disruptionBudget(model, context), 'drains take one replica at a time'),
    ...object(autoscaler(model, context), 'replicas follow the queue and the KV cache'),
    ...object(serviceMonitor(model, context), 'metrics'),
    ...object(networkPolicy(model, context), 'who may ask, and where to'),
  ];
}

const serviceAccount = (model: ServedModel, context: RenderContext): KubeManifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: meta(model.objectName, context.namespace, model.labels),
  automountServiceAccountToken: false,
});

/** The spec alone: status and server-set metadata would change the revision without a change of meaning. */
function modelConfig(resource: Model, model: ServedModel, context: RenderContext): KubeManifest {
  const { apiVersion, kind, spec } = resource;
  // The pool is about nodes; inside the pod it would refer to nothing. One pod is one replica.
  const { gpu: _gpu, autoscaling: _autoscaling, ...serving } = model.serving;
  const inner = { apiVersion, kind, metadata: { name: model.name }, spec: { ...spec, serving: { ...serving, replicas: 1 } } };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta(`${model.objectName}-model`, context.namespace, model.labels),
    data: { 'model.yaml': toYaml([inner]) },
  };
}

function gpuClaim(model: ServedModel, context: RenderContext): KubeManifest | undefined {
  const sharing = model.pool?.spec.sharing;
  if (sharing?.mode !== 'dra' || model.simulated) return undefined;
  const kind = model.serving.gpu?.kind;
  const selectors =
    kind === undefined ? [] : [{ cel: { expression: `device.attributes['gpu.nvidia.com'].productName.contains('${kind.replace(/[^\w .-]/g, '')}')` } }];
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      spec: {
        devices: {
          requests: [
            {
              name: 'gpu',
              exactly: {
                deviceClassName: sharing.deviceClass,
                allocationMode: 'ExactCount',
                count: model.gpusPerPod,
                ...(selectors.length === 0 ? {} : { selectors }),
              },
            },
          ],
        },
      },
    },
  };
}

const service = (model: ServedModel, context: RenderContext): KubeManifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(model.objectName, context.namespace, model.labels),
  spec: { selector: servingSelector(model), ports: [{ name: 'http', port: model.port, targetPort: 'http' }] },
});

/** `minAvailable` equal to the replicas would block every drain; one at a time never does. */
function disruptionBudget(model: ServedModel, context: RenderContext): KubeManifest | undefined {
  if ((model.serving.autoscaling?.maxReplicas ?? model.serving.replicas) < 2) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: { maxUnavailable: 1, selector: { matchLabels: servingSelector(model) } },
  };
}

const serviceMonitor = (model: ServedModel, context: RenderContext): KubeManifest => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: meta(model.objectName, context.namespace, model.labels),
  spec: { selector: { matchLabels: model.selector }, endpoints: [{ port: 'http', path: '/metrics', interval: '15s' }] },
});
