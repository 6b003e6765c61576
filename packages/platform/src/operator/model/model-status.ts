import type { Model } from '@maru/api/resources';
import type { KubeObject } from '#kube';

/** How far the replicas of a Model are. */
export interface Readiness {
  readonly wanted: number;
  readonly ready: number;
}

const WORKLOADS = ['Deployment', 'LeaderWorkerSet', 'DynamoGraphDeployment'];

/** Reads readiness from the workload; a model of a vendor has none and counts as ready. Pure. */
export function modelReadiness(model: Model, owned: readonly KubeObject[]): Readiness {
  const { serving } = model.spec;
  if (serving === undefined) return { wanted: 0, ready: 0 };
  const workload = owned.find((object) => WORKLOADS.includes(object.kind));
  const status = (workload?.['status'] ?? {}) as { readyReplicas?: number; state?: string };
  const spec = (workload?.['spec'] ?? {}) as { replicas?: number };
  if (workload?.kind === 'DynamoGraphDeployment') {
    const wanted = serving.disaggregation === undefined ? serving.replicas : serving.disaggregation.prefillReplicas + serving.disaggregation.decodeReplicas;
    return { wanted, ready: status.state === 'successful' ? wanted : 0 };
  }
  const wanted = spec.replicas ?? serving.autoscaling?.minReplicas ?? serving.replicas;
  return { wanted, ready: Math.min(wanted, status.readyReplicas ?? 0) };
}
