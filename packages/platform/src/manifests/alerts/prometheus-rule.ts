import type { ServedModel } from '../model/served-model.ts';
import { managedLabels, meta, promqlString } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { Rendered } from '../rendered.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface AlertText {
  readonly expr: string;
  readonly for: string;
  readonly severity?: 'warning' | 'critical';
  readonly summary: string;
  readonly description: string;
}

const alert = (name: string, text: AlertText): Alert => ({
  alert: name,
  expr: text.expr,
  for: text.for,
  labels: { severity: text.severity ?? 'warning' },
  annotations: { summary: text.summary, description: text.description },
});

/** Alerts of a namespace: queues and caches of its models, health and idleness of its GPUs, money of its pools. */
export function prometheusRule(context: RenderContext, models: readonly ServedModel[], pools: readonly string[]): Rendered | undefined {
  const groups = [
    ...(models.some((model) => model.serving.engine === 'vllm' || model.serving.engine === 'twin')
      ? [{ name: 'maru-queues', rules: queueAlerts(context) }]
      : []),
    ...(models.some((model) => !model.simulated) ? [{ name: 'maru-gpus', rules: gpuAlerts(context) }] : []),
    ...(pools.length === 0 ? [] : [{ name: 'maru-cost', rules: pools.flatMap(poolAlerts) }]),
  ];
  if (groups.length === 0) return undefined;
  return {
    origin: 'all',
    purpose: 'alerts on queues, GPUs and cost',
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: meta('maru', context.namespace, managedLabels()),
      spec: { groups },
    },
  };
}

function queueAlerts(context: RenderContext): Alert[] {
  const where = `{namespace=${promqlString(context.namespace)}}`;
  return [
    alert('MaruRequestsWaiting', {
      expr: `sum by (model_name) (vllm:num_requests_waiting${where}) / count by (model_name) (vllm:num_requests_waiting${where}) > 20`,
      for: '5m',
      summary: 'Requests wait for {{ $labels.model_name }}',
      description: 'More than 20 requests per replica have waited for five minutes. Add replicas or lower the load.',
    }),
    alert('MaruKvCacheFull', {
      expr: `avg by (model_name) (vllm:kv_cache_usage_perc${where}) > 0.95`,
      for: '10m',
      summary: 'The KV cache of {{ $labels.model_name }} is full',
      description: 'Requests are preempted and computed again. Add replicas, shorten contexts or use an fp8 KV cache.',
    }),
    alert('MaruFirstTokenSlow', {
      expr: `histogram_quantile(0.95, sum by (model_name, le) (rate(vllm:time_to_first_token_seconds_bucket${where}[5m]))) > 5`,
      for: '10m',
      summary: 'The first token of {{ $labels.model_name }} comes late',
      description: 'One request in twenty waits for more than five seconds.',
    }),
  ];
}

function gpuAlerts(context: RenderContext): Alert[] {
  // Prometheus keeps the exporter's own namespace; the pod's one arrives as exported_namespace.
  const where = `{exported_namespace=${promqlString(context.namespace)}}`;
  return [
    alert('MaruGpuError', {
      expr: `DCGM_FI_DEV_XID_ERRORS${where} > 0`,
      for: '1m',
      severity: 'critical',
      summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} reports XID {{ $value }}',
      description: 'The last XID is not zero. Look it up in the XID catalogue; some mean that the node must go.',
    }),
    alert('MaruGpuRowRemapFailed', {
      expr: `DCGM_FI_DEV_ROW_REMAP_FAILURE${where} > 0`,
      for: '1m',
      severity: 'critical',
      summary: 'Memory of GPU {{ $labels.gpu }} of {{ $labels.Hostname }} can not be repaired',
      description: 'Row remapping failed. Drain the node and have the GPU replaced.',
    }),
    alert('MaruGpuHot', {
      expr: `DCGM_FI_DEV_GPU_TEMP${where} > 85`,
      for: '10m',
      summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} is hot',
      description: 'It has been above 85 degrees for ten minutes and lowers its clock.',
    }),
    alert('MaruGpuIdle', {
      expr: `max_over_time(DCGM_FI_DEV_GPU_UTIL${where}[30m]) == 0 and DCGM_FI_DEV_FB_USED${where} > 1024`,
      for: '30m',
      summary: 'GPU {{ $labels.gpu }} of {{ $labels.Hostname }} is paid for and idle',
      description: 'It holds a model and has done nothing for an hour. Scale {{ $labels.exported_pod }} down.',
    }),
  ];
}

function poolAlerts(pool: string): Alert[] {
  const where = `nodepool=${promqlString(pool)}`;
  return [
    alert('MaruPoolNearLimit', {
      expr: `karpenter_nodepools_usage{${where},resource_type="nvidia.com/gpu"} / karpenter_nodepools_limit{${where},resource_type="nvidia.com/gpu"} > 0.9`,
      for: '15m',
      summary: `The pool ${pool} has used 90 % of its GPUs`,
      description: 'New replicas will soon wait. Raise spec.limits.gpus of the GpuPool or lower the load.',
    }),
    alert('MaruPoolCostJump', {
      expr: `karpenter_nodepools_cost_total{${where}} > 1.5 * avg_over_time(karpenter_nodepools_cost_total{${where}}[7d])`,
      for: '1h',
      summary: `The pool ${pool} costs half as much again as in the last week`,
      description: 'Compare with the load; look for idle replicas and for spot nodes that were replaced by on-demand ones.',
    }),
  ];
}
