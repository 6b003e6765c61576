import { PlatformError } from '@maru/api/errors';
import { durationToMs } from '@maru/api/resources';
import type { KubeManifest } from '../manifest.ts';
import { meta, promqlString } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { ServedModel } from './served-model.ts';

interface EngineMetrics {
  readonly waiting: string;
  readonly kvUse: string;
}

/** GPU utilisation is no signal: decode holds it near 100 % at any load. */
const METRICS: Readonly<Record<string, EngineMetrics>> = {
  vllm: { waiting: 'vllm:num_requests_waiting', kvUse: 'vllm:kv_cache_usage_perc' },
  twin: { waiting: 'vllm:num_requests_waiting', kvUse: 'vllm:kv_cache_usage_perc' },
  sglang: { waiting: 'sglang:num_queue_reqs', kvUse: 'sglang:token_usage' },
};

/** Scales on what waits and on how full the KV cache is. Throws `not_supported` for engines without such metrics. */
export function autoscaler(model: ServedModel, context: RenderContext): KubeManifest | undefined {
  if (model.serving.autoscaling === undefined) return undefined;
  const metrics = METRICS[model.serving.engine];
  if (metrics === undefined) {
    throw new PlatformError('not_supported', {
      message: `${model.origin}: autoscaling needs queue metrics, which are known for the engines ${Object.keys(METRICS).join(', ')}; remove spec.serving.autoscaling and set replicas`,
    });
  }
  return context.autoscaler === 'keda' ? scaledObject(model, context, metrics) : horizontalPodAutoscaler(model, context, metrics);
}

const target = (model: ServedModel): Record<string, string> =>
  model.nodes > 1
    ? { apiVersion: 'leaderworkerset.x-k8s.io/v1', kind: 'LeaderWorkerSet', name: model.objectName }
    : { apiVersion: 'apps/v1', kind: 'Deployment', name: model.objectName };

const behavior = (scaleDownS: number): Record<string, unknown> => ({
  // A new replica loads weights for minutes: go up at once, come down late and one by one.
  scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }] },
  scaleDown: { stabilizationWindowSeconds: scaleDownS, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
});

function scaledObject(model: ServedModel, context: RenderContext, metrics: EngineMetrics): KubeManifest {
  const scaling = model.serving.autoscaling;
  if (scaling === undefined) throw new PlatformError('internal', { message: 'autoscaling was checked before' });
  const scaleDownS = Math.min(3600, Math.round(durationToMs(scaling.scaleDownAfter) / 1000));
  const labels = `namespace=${promqlString(context.namespace)},model_name=${promqlString(model.servedName)}`;
  const prometheus = (name: string, options: { query: string; threshold: number; metricType: string; activation?: string }): Record<string, unknown> => ({
    type: 'prometheus',
    name,
    metricType: options.metricType,
    metadata: {
      serverAddress: context.prometheusUrl,
      query: options.query,
      threshold: String(options.threshold),
      ...(options.activation === undefined ? {} : { activationThreshold: options.activation }),
    },
  });
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      scaleTargetRef: target(model),
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      pollingInterval: 15,
      // It acts on the way from one to zero alone; the window above is the HPA's.
      ...(scaling.minReplicas === 0 ? { cooldownPeriod: scaleDownS } : {}),
      fallback: { failureThreshold: 3, replicas: Math.max(1, scaling.minReplicas), behavior: 'currentReplicasIfHigher' },
      advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(scaleDownS) } },
      triggers: [
        // A sum is divided by the replicas (AverageValue); an average must not be divided again (Value).
        prometheus('waiting', { query: `sum(${metrics.waiting}{${labels}})`, threshold: scaling.targetQueue, metricType: 'AverageValue', activation: '0' }),
        prometheus('kv-use', { query: `avg(${metrics.kvUse}{${labels}})`, threshold: scaling.targetKvUse, metricType: 'Value' }),
      ],
    },
  };
}

/** Needs a Prometheus adapter that serves the metrics with "_" instead of ":". */
function horizontalPodAutoscaler(model: ServedModel, context: RenderContext, metrics: EngineMetrics): KubeManifest {
  const scaling = model.serving.autoscaling;
  if (scaling === undefined) throw new PlatformError('internal', { message: 'autoscaling was checked before' });
  if (scaling.minReplicas === 0) {
    throw new PlatformError('not_supported', { message: `${model.origin}: an HPA can not scale to zero; use the autoscaler keda or minReplicas 1` });
  }
  const pods = (metric: string, averageValue: string): Record<string, unknown> => ({
    type: 'Pods',
    pods: { metric: { name: metric.replace(':', '_') }, target: { type: 'AverageValue', averageValue } },
  });
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      scaleTargetRef: target(model),
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      behavior: behavior(Math.min(3600, Math.round(durationToMs(scaling.scaleDownAfter) / 1000))),
      metrics: [pods(metrics.waiting, quantity(scaling.targetQueue)), pods(metrics.kvUse, quantity(scaling.targetKvUse))],
    },
  };
}

/** A Kubernetes quantity has no decimal fractions below a thousandth. */
const quantity = (value: number): string => (Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`);
