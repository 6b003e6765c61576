import { PlatformError } from '@maru/api/errors';
import { API_VERSION, type GpuPool, type Model, type Resource, type Route } from '@maru/api/resources';
import { type Kube, type KubeObject, refOf } from '#kube';
import type { RenderOptions } from '#manifests';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { ClusterView } from './cluster-view.ts';
import { nextStatus } from './conditions.ts';
import { covers } from './covers.ts';
import { desiredOf, isRefusal, readResource } from './desired.ts';
import type { Neighbours } from './neighbours.ts';
import { type OperatorKind, type Owner, ownerKey, ownerOf } from './owner.ts';
import { type Plan, planObjects } from './plan.ts';
import { refusedStatus, type StatusInput, statusOfResource } from './resource-status.ts';

export interface ReconcileDeps {
  readonly kube: Kube;
  readonly view: ClusterView;
  readonly clock: Clock;
  readonly log: Log;
  readonly render: RenderOptions;
  readonly signal: AbortSignal;
}

/** Keeps a deleted resource until everything that was made for it is gone. */
const FINALIZER = 'maru.dev/cleanup';

/** Brings the cluster to what one resource says: observe, plan, apply, one status write. Throws when it should be tried again. */
export async function reconcile(owner: Owner, deps: ReconcileDeps): Promise<void> {
  const resource = deps.view.resource(owner);
  if (resource === undefined) return removeOrphans(owner, deps);
  if (resource.metadata.deletionTimestamp !== undefined) return finalize(owner, resource, deps);
  if (!(resource.metadata.finalizers ?? []).includes(FINALIZER)) return addFinalizer(resource, deps);

  const parsed = readResource(resource);
  const desired = isRefusal(parsed) ? parsed : desiredOf(owner, parsed, { neighbours: neighboursOf(owner, deps.view), render: deps.render });
  if (isRefusal(parsed) || isRefusal(desired)) {
    const refusal = isRefusal(desired) ? desired : { reason: 'InvalidSpec', message: '' };
    return writeStatus(resource, refusedStatus(resource, refusal), deps);
  }
  const observed = deps.view.owned(owner);
  const plan = planObjects({ owner, uid: resource.metadata.uid ?? '', apiVersion: API_VERSION, desired: desired.objects, observed, served: deps.view.served });
  await carryOut(owner, plan, { observed, deps });
  await writeStatus(resource, statusOfResource({ resource, parsed, plan, owned: deps.view.owned(owner), notes: desired.notes }), deps);
}

async function carryOut(owner: Owner, plan: Plan, context: { readonly observed: readonly KubeObject[]; readonly deps: ReconcileDeps }): Promise<void> {
  const { kube, log, signal } = context.deps;
  for (const object of plan.apply) {
    await refuseForeign(owner, object, context);
    await kube.apply(object, { force: true, signal });
    log.info({ owner: ownerKey(owner), kind: object.kind, name: object.metadata.name }, 'applied');
  }
  for (const ref of plan.prune) {
    await kube.delete(ref, { signal });
    log.info({ owner: ownerKey(owner), kind: ref.kind, name: ref.name }, 'removed what is no longer wanted');
  }
}

/** An object of somebody else with the same name is left alone. */
async function refuseForeign(
  owner: Owner,
  object: KubeObject,
  context: { readonly observed: readonly KubeObject[]; readonly deps: ReconcileDeps },
): Promise<void> {
  if (context.observed.some((other) => other.kind === object.kind && other.metadata.name === object.metadata.name)) return;
  const live = await context.deps.kube.get(refOf(object), { signal: context.deps.signal });
  if (live === undefined) return;
  const other = ownerOf(live);
  if (other !== undefined && ownerKey(other) === ownerKey(owner)) return;
  throw new PlatformError('conflict', {
    message: `${object.kind} ${object.metadata.name} exists and belongs to ${other === undefined ? 'somebody else' : ownerKey(other)}; rename ${owner.kind} ${owner.name} or remove that object`,
  });
}

async function finalize(owner: Owner, resource: KubeObject, deps: ReconcileDeps): Promise<void> {
  const finalizers = resource.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) return;
  const left = await removeOwned(owner, deps);
  if (left > 0) {
    await writeStatus(
      resource,
      { phase: 'Deleting', message: `${left} objects are being removed`, generation: resource.metadata.generation ?? 0, conditions: [] },
      deps,
    );
    // Each of them wakes this owner when it is gone.
    return;
  }
  const { resourceVersion } = resource.metadata;
  const metadata = { finalizers: finalizers.filter((name) => name !== FINALIZER), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  await deps.kube.mergePatch(refOf(resource), { metadata }, { signal: deps.signal });
  deps.log.info({ owner: ownerKey(owner) }, 'everything of it is gone');
}

async function removeOwned(owner: Owner, deps: ReconcileDeps): Promise<number> {
  const owned = deps.view.owned(owner);
  for (const object of owned) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    await deps.kube.delete(refOf(object), { signal: deps.signal });
  }
  return owned.length;
}

/** Objects whose owner vanished without its finalizer (it was taken off by hand) are removed too. */
const removeOrphans = async (owner: Owner, deps: ReconcileDeps): Promise<void> => {
  await removeOwned(owner, deps);
};

async function addFinalizer(resource: KubeObject, deps: ReconcileDeps): Promise<void> {
  const { resourceVersion } = resource.metadata;
  const metadata = { finalizers: [...(resource.metadata.finalizers ?? []), FINALIZER], ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  await deps.kube.mergePatch(refOf(resource), { metadata }, { signal: deps.signal });
  // The change comes back as an event, and the work begins with it.
}

async function writeStatus(resource: KubeObject, input: StatusInput, deps: ReconcileDeps): Promise<void> {
  const status = nextStatus(resource['status'], input, deps.clock.nowMs());
  if (covers(resource['status'], status)) return;
  await deps.kube.patchStatus(refOf(resource), status, { signal: deps.signal });
}

function neighboursOf(owner: Owner, view: ClusterView): Neighbours {
  const valid = (kind: OperatorKind): readonly Resource[] =>
    view.resources(kind, owner.namespace).flatMap((object) => {
      const parsed = readResource(object);
      return isRefusal(parsed) || object.metadata.deletionTimestamp !== undefined ? [] : [parsed];
    });
  return { models: valid('Model') as readonly Model[], pools: valid('GpuPool') as readonly GpuPool[], routes: valid('Route') as readonly Route[] };
}
