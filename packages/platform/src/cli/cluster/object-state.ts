import type { KubeObject } from '#kube';

/** How far an object of a cluster is: `ready` where nothing is waited for. */
export interface ObjectState {
  readonly state: 'ready' | 'pending' | 'failed' | 'missing';
  readonly detail: string;
}

interface Status {
  readonly state?: string;
  readonly readyReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly message?: string }[];
}

/** Reads the state of what runs pods; other kinds are ready when they are there. Pure. */
export function objectState(object: KubeObject | undefined): ObjectState {
  if (object === undefined) return { state: 'missing', detail: 'is not there' };
  const status = (object['status'] ?? {}) as Status;
  if (object.kind === 'DynamoGraphDeployment') return graphState(status);
  if (object.kind !== 'Deployment' && object.kind !== 'LeaderWorkerSet') return { state: 'ready', detail: 'is there' };
  const wanted = ((object['spec'] ?? {}) as { replicas?: number }).replicas ?? 1;
  const ready = status.readyReplicas ?? 0;
  const seen = status.observedGeneration === undefined || status.observedGeneration >= (object.metadata.generation ?? 0);
  return { state: seen && ready >= wanted ? 'ready' : 'pending', detail: `${ready} of ${wanted} replicas are ready` };
}

function graphState({ state, conditions = [] }: Status): ObjectState {
  const why = conditions.find(({ type, status }) => type === 'Ready' && status !== 'True')?.message;
  const detail = `${state ?? 'not seen by the Dynamo operator yet'}${why === undefined ? '' : `: ${why}`}`;
  if (state === 'successful') return { state: 'ready', detail };
  return { state: state === 'failed' ? 'failed' : 'pending', detail };
}
