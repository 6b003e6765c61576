import type { KubeObject, ObjectRef, ObjectScope } from './object.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Let the server check and admit the object without keeping it. */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Who owns the fields that are sent; `maru` where left out. */
  readonly fieldManager?: string;
  /** Take fields over that another manager owns; without it such a field is a `conflict`. */
  readonly force?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only while the object still has this uid. */
  readonly uid?: string;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export type WatchEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject };

/**
 * A cluster's API, for any kind. Every method throws `cluster_unreachable` when the server does not answer,
 * `cluster_rejected` when it refuses (its message and the fields are in the details), and `conflict` on a lost race.
 */
export interface Kube {
  /** The object, or undefined when it (or its kind) does not exist. */
  get(ref: ObjectRef, options?: CallOptions): Promise<KubeObject | undefined>;
  /** All objects of the scope; pages are fetched until the end. */
  list(scope: ObjectScope, options?: CallOptions): Promise<KubeList>;
  /** Events after `resourceVersion`, until the server ends the stream. Throws `cluster_rejected` with status 410 when that version is too old. */
  watch(scope: ObjectScope, resourceVersion: string, options?: CallOptions): AsyncIterable<WatchEvent>;
  /** Server-side apply: creates or updates, touching only the fields that are sent. */
  apply(object: KubeObject, options?: ApplyOptions): Promise<KubeObject>;
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Replaces the whole object; `conflict` when `metadata.resourceVersion` is not the newest. */
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** JSON merge patch; undefined when the object is gone. */
  mergePatch(ref: ObjectRef, patch: Readonly<Record<string, unknown>>, options?: WriteOptions): Promise<KubeObject | undefined>;
  /** JSON merge patch of the status subresource; undefined when the object is gone. */
  patchStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>, options?: WriteOptions): Promise<KubeObject | undefined>;
  /** True when something was there to delete. Dependants are collected in the background. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** Whether the server knows the kind. */
  serves(apiVersion: string, kind: string, options?: CallOptions): Promise<boolean>;
  close(): Promise<void>;
}
