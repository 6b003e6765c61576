import { createHash } from 'node:crypto';
import { type KubeObject, type ObjectRef, type OwnerReference, refKey, refOf } from '#kube';
import type { KubeManifest } from '#manifests';
import { covers } from './covers.ts';
import { kindKey, OWNED_KINDS } from './owned-kinds.ts';
import { type Owner, ownerKey, ownerLabels, ownerOf } from './owner.ts';

/** What a reconcile has to do. */
export interface Plan {
  /** To be applied, in order; objects that are as wanted are not here. */
  readonly apply: readonly KubeObject[];
  /** Ours, and no longer wanted. */
  readonly prune: readonly ObjectRef[];
  /** Wanted, but the cluster lacks the kind. */
  readonly missing: readonly { readonly kind: string; readonly optional: boolean }[];
}

export interface PlanInput {
  readonly owner: Owner;
  readonly uid: string;
  readonly apiVersion: string;
  readonly desired: readonly KubeManifest[];
  /** What the owner has in the cluster now. */
  readonly observed: readonly KubeObject[];
  /** `apiVersion/kind` that the cluster knows. */
  readonly served: ReadonlySet<string>;
}

export const HASH_ANNOTATION = 'maru.dev/desired-hash';

/** Compares what is wanted with what is there. Pure. */
export function planObjects(input: PlanInput): Plan {
  const wanted = input.desired.map((manifest) => adopt(manifest, input));
  const known = wanted.filter((object) => input.served.has(kindKey(object)));
  const observed = new Map(input.observed.map((object) => [refKey(refOf(object)), object]));
  const keep = new Set(wanted.map((object) => refKey(refOf(object))));
  return {
    apply: known.filter((object) => !covers(observed.get(refKey(refOf(object))), object)),
    prune: [...observed].filter(([key, object]) => !keep.has(key) && ownerKeyOf(object) === ownerKey(input.owner)).map(([, object]) => refOf(object)),
    missing: [...new Map(wanted.filter((object) => !input.served.has(kindKey(object))).map((object) => [kindKey(object), object])).values()].map((object) => ({
      kind: kindKey(object),
      optional: OWNED_KINDS.find((kind) => kindKey(kind) === kindKey(object))?.optional ?? false,
    })),
  };
}

/** Marks an object as the owner's. The hash makes a change of what is wanted visible even where a field only goes away. */
function adopt(manifest: KubeManifest, input: PlanInput): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
  const { owner } = input;
  const reference: OwnerReference = {
    apiVersion: input.apiVersion,
    kind: owner.kind,
    name: owner.name,
    uid: input.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: { ...manifest.metadata.labels, ...ownerLabels(owner) },
      annotations: { ...manifest.metadata.annotations, [HASH_ANNOTATION]: hash },
      ...(manifest.metadata.namespace === owner.namespace ? { ownerReferences: [reference] } : {}),
    },
  };
}

const ownerKeyOf = (object: KubeObject): string | undefined => {
  const owner = ownerOf(object);
  return owner === undefined ? undefined : ownerKey(owner);
};
