import { LABELS } from '../names.ts';
import type { ServedModel } from './served-model.ts';

/** How a pod asks for its GPUs. */
export interface GpuRequest {
  /** Extended resources; requests and limits must be equal, so there is one set. */
  readonly limits: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Readonly<Record<string, string>>[];
  readonly resourceClaims: readonly { readonly name: string; readonly resourceClaimTemplateName: string }[] | undefined;
  readonly claims: readonly { readonly name: string }[] | undefined;
}

/** Whole GPUs, a MIG slice, or a claim of dynamic resource allocation, by the pool's way of sharing. */
export function gpuRequest(model: ServedModel): GpuRequest {
  const { gpu } = model.serving;
  const sharing = model.pool?.spec.sharing;
  const byClaim = sharing?.mode === 'dra';
  const count = String(model.gpusPerPod);
  const autoMode = model.pool?.spec.nodeClass.autoMode === true;
  const nameLabel = autoMode ? 'eks.amazonaws.com/instance-gpu-name' : 'karpenter.k8s.aws/instance-gpu-name';
  return {
    limits: byClaim ? {} : gpu?.migProfile === undefined ? { 'nvidia.com/gpu': count } : { [`nvidia.com/mig-${gpu.migProfile}`]: count },
    nodeSelector: {
      ...(model.pool === undefined ? {} : { [LABELS.pool]: model.pool.metadata.name }),
      ...(gpu?.kind === undefined ? {} : { [nameLabel]: gpu.kind.toLowerCase() }),
    },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    resourceClaims: byClaim ? [{ name: 'gpu', resourceClaimTemplateName: model.objectName }] : undefined,
    claims: byClaim ? [{ name: 'gpu' }] : undefined,
  };
}
