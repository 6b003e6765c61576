import { isPlatformError } from '@maru/api/errors';
import { API_VERSION, KINDS, type Resource } from '@maru/api/resources';
import type { KubeObject } from '#kube';
import type { RenderOptions } from '#manifests';
import { desiredOfGpuPool } from './gpu-pool/desired-of-gpu-pool.ts';
import { desiredOfModel } from './model/desired-of-model.ts';
import type { Desired, Neighbours } from './neighbours.ts';
import type { Owner } from './owner.ts';
import { desiredOfRoute } from './route/desired-of-route.ts';

/** Why a resource can not be rendered; the person who wrote it must act. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Renders one resource among its neighbours. Pure. */
export function desiredOf(owner: Owner, resource: Resource, context: { readonly neighbours: Neighbours; readonly render: RenderOptions }): Desired | Refusal {
  const render = { ...context.render, namespace: owner.namespace };
  try {
    switch (resource.kind) {
      case 'Model':
        return desiredOfModel(resource, context.neighbours, render);
      case 'GpuPool':
        return desiredOfGpuPool(resource, render);
      case 'Route':
        return desiredOfRoute(resource, context.neighbours, render);
      default:
        return { objects: [], notes: [] };
    }
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    return { reason: toReason(error.code), message: error.message };
  }
}

/** Reads a live object; only its spec is checked, because the server adds metadata that no file has. */
export function readResource(object: KubeObject): Resource | Refusal {
  const definition = KINDS[object.kind as keyof typeof KINDS];
  const parsed = definition.spec.safeParse(object['spec']);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { reason: 'InvalidSpec', message: `spec.${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` };
  }
  const { name, namespace } = object.metadata;
  return { apiVersion: API_VERSION, kind: object.kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec: parsed.data } as Resource;
}

export const isRefusal = (value: object): value is Refusal => 'reason' in value && 'message' in value;

/** `reference_missing` → `ReferenceMissing`, as conditions spell their reasons. */
const toReason = (code: string): string =>
  code
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
