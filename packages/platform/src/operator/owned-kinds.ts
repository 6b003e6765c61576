/** A kind of object that the operator makes. */
export interface OwnedKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** A cluster without this kind still serves the resource; the status says what was left out. */
  readonly optional: boolean;
}

const owned = (apiVersion: string, kind: string, optional = false): OwnedKind => ({ apiVersion, kind, optional });

/** Everything that a plan may contain; the RBAC rules of the chart are exactly these. */
export const OWNED_KINDS: readonly OwnedKind[] = Object.freeze([
  owned('v1', 'ServiceAccount'),
  owned('v1', 'ConfigMap'),
  owned('v1', 'Service'),
  owned('v1', 'ResourceQuota'),
  owned('apps/v1', 'Deployment'),
  owned('policy/v1', 'PodDisruptionBudget'),
  owned('networking.k8s.io/v1', 'NetworkPolicy'),
  owned('autoscaling/v2', 'HorizontalPodAutoscaler'),
  owned('resource.k8s.io/v1', 'ResourceClaimTemplate'),
  owned('keda.sh/v1alpha1', 'ScaledObject'),
  owned('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet'),
  owned('nvidia.com/v1beta1', 'DynamoGraphDeployment'),
  owned('karpenter.sh/v1', 'NodePool'),
  owned('karpenter.k8s.aws/v1', 'EC2NodeClass'),
  owned('eks.amazonaws.com/v1', 'NodeClass'),
  owned('monitoring.coreos.com/v1', 'ServiceMonitor', true),
  owned('inference.networking.k8s.io/v1', 'InferencePool', true),
  owned('gateway.networking.k8s.io/v1', 'HTTPRoute', true),
]);

export const kindKey = (kind: { readonly apiVersion: string; readonly kind: string }): string => `${kind.apiVersion}/${kind.kind}`;
