import type { Architecture, Instance } from './catalogue.ts';
import { canSplitHeads } from './memory.ts';

/** Where one replica runs: on some GPUs of one node, or on all GPUs of several. */
export interface Placement {
  readonly instance: Instance;
  /** GPUs that share each layer. */
  readonly tensorParallel: number;
  /** Nodes that share the layers one after the other. */
  readonly pipelineParallel: number;
}

const NVLINK_GBPS = 300;
const MAX_NODES = 4;

/** Every way to place one replica on one node of these types. */
export const singleNodePlacements = (architecture: Architecture, instances: readonly Instance[]): readonly Placement[] =>
  instances.flatMap((instance) =>
    [1, 2, 4, 8, 16]
      .filter((tensorParallel) => tensorParallel <= instance.gpuCount && canSplitHeads(architecture, tensorParallel))
      .map((tensorParallel) => ({ instance, tensorParallel, pipelineParallel: 1 })),
  );

/** Every way to place one replica over several whole nodes; only for nodes made for it (eight GPUs on NVLink, EFA). */
export const multiNodePlacements = (architecture: Architecture, instances: readonly Instance[]): readonly Placement[] =>
  instances
    .filter((instance) => instance.gpuCount === 8 && instance.gpu.linkGBps >= NVLINK_GBPS && canSplitHeads(architecture, 8))
    .flatMap((instance) => [2, MAX_NODES].map((pipelineParallel) => ({ instance, tensorParallel: 8, pipelineParallel })));

/** GPUs of one replica. */
export const gpusOf = (placement: Placement): number => placement.tensorParallel * placement.pipelineParallel;

/** `p5.48xlarge TP4` or `p5.48xlarge TP8 PP2`. */
export const placementName = (placement: Placement): string =>
  `${placement.instance.name} TP${placement.tensorParallel}${placement.pipelineParallel === 1 ? '' : ` PP${placement.pipelineParallel}`}`;
