import { PlatformError } from '@maru/api/errors';
import { API_VERSION } from '@maru/api/resources';
import { type Informer, type InformerDeps, type KubeObject, startInformer } from '#kube';
import { kindKey, OWNED_KINDS, type OwnedKind } from './owned-kinds.ts';
import { OPERATOR_KINDS, type OperatorKind, type Owner, ownerKey, ownerOf } from './owner.ts';

export interface ClusterViewOptions extends InformerDeps {
  readonly kube: InformerDeps['kube'] & { serves(apiVersion: string, kind: string): Promise<boolean> };
  /** One namespace, or all where left out. */
  readonly namespace?: string | undefined;
  /** A resource, or something that it owns, changed or went away. */
  readonly touched: (owner: Owner, what: 'resource' | 'owned') => void;
  /** Gives the opening up. */
  readonly signal: AbortSignal;
}

/** A live copy of the resources and of everything that was made for them. */
export interface ClusterView {
  resource(owner: Owner): KubeObject | undefined;
  resources(kind: OperatorKind, namespace: string): readonly KubeObject[];
  owned(owner: Owner): readonly KubeObject[];
  /** Every resource in view. */
  owners(): readonly Owner[];
  /** Kinds (`apiVersion/kind`) that the cluster knows. */
  readonly served: ReadonlySet<string>;
  /** Asks again which kinds the cluster knows; true when there are new ones. */
  discover(): Promise<boolean>;
  close(): Promise<void>;
}

const MANAGED = 'app.kubernetes.io/managed-by=maru';

/** Starts the informers and waits until each has seen everything once. */
export async function openClusterView(options: ClusterViewOptions): Promise<ClusterView> {
  const served = new Set<string>();
  const ownedInformers = new Map<string, Informer>();
  const ownedByOwner = new Map<string, Map<string, KubeObject>>();

  const resources = new Map<OperatorKind, Informer>();
  for (const kind of OPERATOR_KINDS) {
    const touch = (object: KubeObject): void => options.touched({ kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name }, 'resource');
    resources.set(kind, startInformer(scopeOf({ apiVersion: API_VERSION, kind }, options.namespace), { changed: touch, gone: touch }, options));
  }

  const follow = (kind: OwnedKind): Informer => {
    const keep = (object: KubeObject, present: boolean): void => {
      const owner = ownerOf(object);
      // Objects of namespaces that are not watched have living owners that are not in view.
      if (owner === undefined || (options.namespace !== undefined && owner.namespace !== options.namespace)) return;
      const mine = ownedByOwner.get(ownerKey(owner)) ?? new Map<string, KubeObject>();
      ownedByOwner.set(ownerKey(owner), mine);
      const key = `${kindKey(kind)}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (present) mine.set(key, object);
      else mine.delete(key);
      if (mine.size === 0) ownedByOwner.delete(ownerKey(owner));
      options.touched(owner, 'owned');
    };
    return startInformer(
      { ...scopeOf({ apiVersion: kind.apiVersion, kind: kind.kind }, options.namespace), labelSelector: MANAGED },
      { changed: (object) => keep(object, true), gone: (object) => keep(object, false) },
      options,
    );
  };

  const discover = async (): Promise<boolean> => {
    let found = false;
    for (const kind of OWNED_KINDS) {
      const key = kindKey(kind);
      if (served.has(key) || !(await options.kube.serves(kind.apiVersion, kind.kind))) continue;
      const informer = follow(kind);
      ownedInformers.set(key, informer);
      await seen(informer);
      served.add(key);
      found = true;
    }
    return found;
  };

  const close = async (): Promise<void> => {
    await Promise.all([...resources.values(), ...ownedInformers.values()].map((informer) => informer.close()));
  };
  const aborted = new Promise<never>((_resolve, reject) => {
    options.signal.addEventListener('abort', () => reject(new PlatformError('cancelled', { message: 'the cluster is no longer watched' })), { once: true });
  });
  // Nobody may be waiting when the signal comes.
  aborted.catch(() => undefined);
  const seen = (informer: Informer): Promise<void> => Promise.race([informer.synced, aborted]);

  try {
    await discover();
    await Promise.all([...resources.values()].map(seen));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    resource: (owner) => resources.get(owner.kind)?.get(owner.namespace, owner.name),
    resources: (kind, namespace) =>
      resources
        .get(kind)
        ?.all()
        .filter((object) => object.metadata.namespace === namespace) ?? [],
    owned: (owner) => [...(ownedByOwner.get(ownerKey(owner))?.values() ?? [])],
    owners: () =>
      OPERATOR_KINDS.flatMap(
        (kind) =>
          resources
            .get(kind)
            ?.all()
            .map((object) => ({ kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name })) ?? [],
      ),
    served,
    discover,
    close,
  };
}

const scopeOf = (
  kind: { readonly apiVersion: string; readonly kind: string },
  namespace: string | undefined,
): { apiVersion: string; kind: string; namespace?: string } => ({
  ...kind,
  ...(namespace === undefined ? {} : { namespace }),
});
