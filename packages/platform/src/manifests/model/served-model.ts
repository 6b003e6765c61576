import { PlatformError } from '@maru/api/errors';
import type { GpuPool, Model } from '@maru/api/resources';
import { kubeName, LABELS, managedLabels } from '../names.ts';

type Serving = NonNullable<Model['spec']['serving']>;

/** A Model that Maru runs, with what its objects have in common. */
export interface ServedModel {
  readonly name: string;
  readonly objectName: string;
  readonly origin: string;
  readonly spec: Model['spec'];
  readonly serving: Serving;
  readonly pool: GpuPool | undefined;
  /** Twin and reader: no GPU, the image of Maru. */
  readonly simulated: boolean;
  /** Name that the engine serves and puts on its metrics. */
  readonly servedName: string;
  readonly port: number;
  readonly gpusPerPod: number;
  /** Pods that make one replica. */
  readonly nodes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

/** Undefined for models of a vendor. Throws `reference_missing` when the pool is not among the resources. */
export function toServedModel(model: Model, pools: ReadonlyMap<string, GpuPool>): ServedModel | undefined {
  const { serving } = model.spec;
  if (serving === undefined) return undefined;
  const name = model.metadata.name;
  const poolName = serving.gpu?.pool;
  const pool = poolName === undefined ? undefined : pools.get(poolName);
  if (poolName !== undefined && pool === undefined) {
    throw new PlatformError('reference_missing', {
      message: `Model/${name}: spec.serving.gpu.pool refers to GpuPool/${poolName}, which is not among the resources`,
    });
  }
  const simulated = serving.engine === 'twin' || serving.engine === 'reader';
  const selector = { [LABELS.model]: name };
  return {
    name,
    objectName: kubeName(name),
    origin: `Model/${name}`,
    spec: model.spec,
    serving,
    pool,
    simulated,
    servedName: serving.servedName ?? name,
    port: simulated ? 4000 : 8000,
    gpusPerPod: simulated ? 0 : Math.max(serving.gpu?.count ?? 1, serving.parallelism.tensor),
    nodes: simulated ? 1 : serving.parallelism.pipeline,
    labels: managedLabels({
      [LABELS.name]: kubeName(name),
      [LABELS.component]: 'model',
      ...selector,
      [LABELS.engine]: serving.engine,
      ...(simulated ? { [LABELS.simulated]: 'true' } : {}),
    }),
    selector,
  };
}
