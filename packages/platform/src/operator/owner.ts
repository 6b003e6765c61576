import type { KubeObject } from '#kube';

export const OPERATOR_KINDS = ['Model', 'GpuPool', 'Route'] as const;
export type OperatorKind = (typeof OPERATOR_KINDS)[number];

/** A resource that the operator reconciles. */
export interface Owner {
  readonly kind: OperatorKind;
  readonly namespace: string;
  readonly name: string;
}

const KIND = 'maru.dev/owner-kind';
const NAMESPACE = 'maru.dev/owner-namespace';
const NAME = 'maru.dev/owner-name';

/** Labels that say whose an object is; owner references can not point from a cluster-scoped object into a namespace. */
export const ownerLabels = (owner: Owner): Readonly<Record<string, string>> => ({ [KIND]: owner.kind, [NAMESPACE]: owner.namespace, [NAME]: owner.name });

/** Whose an object is; undefined for objects of people and of other programs. */
export function ownerOf(object: KubeObject): Owner | undefined {
  const labels = object.metadata.labels ?? {};
  const kind = OPERATOR_KINDS.find((candidate) => candidate === labels[KIND]);
  const namespace = labels[NAMESPACE];
  const name = labels[NAME];
  return kind === undefined || namespace === undefined || name === undefined ? undefined : { kind, namespace, name };
}

export const ownerKey = (owner: Owner): string => `${owner.kind}/${owner.namespace}/${owner.name}`;
