import { at, type Finding, fields, type LintRule, list, nameOf } from './finding.ts';

const OLD_METRICS: Readonly<Record<string, string>> = {
  vllm_pending_requests: 'vllm:num_requests_waiting',
  'vllm:gpu_cache_usage_perc': 'vllm:kv_cache_usage_perc',
  DCGM_FI_DEV_GPU_UTIL: 'vllm:num_requests_waiting (GPU utilisation is near 100 % at any load)',
};

/** An average that KEDA divides by the replicas again is no average. */
export const averagesAsValue: LintRule = (objects) =>
  triggers(objects).flatMap(({ object, trigger, path }) => {
    const query = String(at(trigger, 'metadata.query') ?? '');
    if (!/^\s*avg\b/.test(query) || trigger['metricType'] === 'Value') return [];
    return [
      finding(object, {
        rule: 'averages-as-value',
        path: `${path}.metricType`,
        message: 'the query is an average; write metricType Value, or a sum with AverageValue',
      }),
    ];
  });

export const knownMetrics: LintRule = (objects) =>
  triggers(objects).flatMap(({ object, trigger, path }) => {
    const query = String(at(trigger, 'metadata.query') ?? '');
    const old = Object.keys(OLD_METRICS).filter((name) => query.includes(name));
    const removed =
      at(trigger, 'metadata.metricName') === undefined
        ? []
        : [finding(object, { rule: 'known-metrics', path: `${path}.metadata.metricName`, message: 'metricName was removed in KEDA 2.12; leave it out' })];
    return [
      ...removed,
      ...old.map((name) =>
        finding(object, { rule: 'known-metrics', path: `${path}.metadata.query`, message: `${name} is no signal to scale on; use ${OLD_METRICS[name]}` }),
      ),
    ];
  });

/** `cooldownPeriod` acts on the way to zero alone. */
export const cooldownOnlyToZero: LintRule = (objects) =>
  objects
    .filter(
      (object) => object.kind === 'ScaledObject' && at(object, 'spec.cooldownPeriod') !== undefined && Number(at(object, 'spec.minReplicaCount') ?? 0) > 0,
    )
    .map((object) =>
      finding(object, {
        rule: 'cooldown-only-to-zero',
        path: 'spec.cooldownPeriod',
        message: 'it does nothing with minReplicaCount of 1 or more; use advanced.horizontalPodAutoscalerConfig.behavior.scaleDown',
        severity: 'warning',
      }),
    );

/** KEDA refuses a target that has an HPA, and two owners of one number fight. */
export const oneScalerPerTarget: LintRule = (objects) => {
  const targets = new Map<string, string>();
  return objects
    .filter((object) => object.kind === 'ScaledObject' || object.kind === 'HorizontalPodAutoscaler')
    .flatMap((object): Finding[] => {
      const target = `${String(at(object, 'spec.scaleTargetRef.kind') ?? 'Deployment')}/${String(at(object, 'spec.scaleTargetRef.name'))}`;
      const other = targets.get(target);
      targets.set(target, nameOf(object));
      return other === undefined
        ? []
        : [finding(object, { rule: 'one-scaler-per-target', path: 'spec.scaleTargetRef', message: `${target} is scaled by ${other} already` })];
    });
};

/** A scaled workload that also says its replicas is set back at every apply. */
export const noReplicasWhenScaled: LintRule = (objects) => {
  const scaled = new Set(
    objects.filter((object) => ['ScaledObject', 'HorizontalPodAutoscaler'].includes(object.kind)).map((object) => at(object, 'spec.scaleTargetRef.name')),
  );
  return objects
    .filter(
      (object) => ['Deployment', 'LeaderWorkerSet'].includes(object.kind) && scaled.has(object.metadata.name) && at(object, 'spec.replicas') !== undefined,
    )
    .map((object) => finding(object, { rule: 'no-replicas-when-scaled', path: 'spec.replicas', message: 'an autoscaler owns this number; leave it out' }));
};

/** `minAvailable` of all replicas blocks every voluntary drain. */
export const drainable: LintRule = (objects) =>
  objects
    .filter((object) => object.kind === 'PodDisruptionBudget')
    .flatMap((budget) => {
      const least = at(budget, 'spec.minAvailable');
      const selector = JSON.stringify(fields(at(budget, 'spec.selector.matchLabels')));
      const workload = objects.find(
        (object) => at(object, 'spec.replicas') !== undefined && JSON.stringify(fields(at(object, 'spec.selector.matchLabels'))) === selector,
      );
      if (least === undefined || workload === undefined || Number(at(workload, 'spec.replicas')) > Number(least)) return [];
      return [
        finding(budget, {
          rule: 'drainable',
          path: 'spec.minAvailable',
          message: `${String(least)} of ${String(at(workload, 'spec.replicas'))} replicas must stay, so no node can be drained; write maxUnavailable: 1`,
        }),
      ];
    });

/** Extended resources know quota on requests only. */
export const quotaOnRequests: LintRule = (objects) =>
  objects
    .filter((object) => object.kind === 'ResourceQuota')
    .flatMap((quota) =>
      Object.keys(fields(at(quota, 'spec.hard')))
        .filter((name) => name.startsWith('limits.') && name.includes('/'))
        .map((name) =>
          finding(quota, {
            rule: 'quota-on-requests',
            path: `spec.hard.${name}`,
            message: `write requests.${name.slice('limits.'.length)}; quota on limits of extended resources does not exist`,
          }),
        ),
    );

const triggers = (objects: Parameters<LintRule>[0]): readonly { object: Parameters<typeof nameOf>[0]; trigger: Record<string, unknown>; path: string }[] =>
  objects
    .filter((object) => object.kind === 'ScaledObject')
    .flatMap((object) => list(at(object, 'spec.triggers')).map((trigger, index) => ({ object, trigger, path: `spec.triggers.${index}` })));

interface Problem {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
  readonly severity?: Finding['severity'];
}

const finding = (object: Parameters<typeof nameOf>[0], problem: Problem): Finding => ({ severity: 'error', object: nameOf(object), ...problem });
