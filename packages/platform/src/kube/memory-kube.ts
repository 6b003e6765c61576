import { PlatformError } from '@maru/api/errors';
import type { Ids } from '#time';
import type { Kube, WatchEvent, WriteOptions } from './kube.ts';
import { contestedField, mergeApplied, mergePatchOf } from './memory-merge.ts';
import { createMemoryWatch } from './memory-watch.ts';
import { type KubeMetadata, type KubeObject, type ObjectRef, type ObjectScope, refKey, refOf } from './object.ts';

export interface MemoryKubeOptions {
  readonly ids: Ids;
  readonly nowMs: () => number;
  /** Kinds (`apiVersion/kind`) that the cluster lacks, to try what happens without them. */
  readonly lacks?: readonly string[];
}

/** {@link Kube} in memory, and what happened to it. */
export interface MemoryKube extends Kube {
  /** Everything that is stored, in the order of creation. */
  objects(): readonly KubeObject[];
  /** Number of writes that reached it; a settled controller writes nothing. */
  writes(): number;
  /** Ends every open watch, as a restart of the API server does. */
  dropWatches(): void;
}

interface Stored {
  object: KubeObject;
  /** What each field manager sent last; decides which fields an apply removes. */
  readonly applied: Map<string, KubeObject>;
}

/**
 * A Kubernetes API without a cluster, for tests and rehearsals: versions, conflicts, generations, finalizers, server-side apply by manager, watches.
 * Differences from a real one: no schemas, no admission, force takes all fields of the other manager, lists are replaced whole by an apply, nothing is garbage-collected.
 */
export function createMemoryKube(options: MemoryKubeOptions): MemoryKube {
  const stored = new Map<string, Stored>();
  const watches = createMemoryWatch();
  let version = 0;
  let writes = 0;
  const lacks = new Set(options.lacks ?? []);

  const requireKind = (apiVersion: string, kind: string): void => {
    if (!lacks.has(`${apiVersion}/${kind}`)) return;
    throw new PlatformError('cluster_rejected', {
      message: `the cluster does not know ${kind} of ${apiVersion}`,
      details: { status: 404, reason: 'NoKindMatch' },
    });
  };
  const conflict = (message: string): PlatformError => new PlatformError('conflict', { message, details: { status: 409 } });

  const keep = (key: string, next: KubeObject, write: WriteOptions | undefined): KubeObject => {
    const before = stored.get(key);
    if (before !== undefined && sameContent(before.object, next)) return before.object;
    const generation = (before?.object.metadata.generation ?? 0) + (before === undefined || !sameSpec(before.object, next) ? 1 : 0);
    const metadata: KubeMetadata = {
      ...next.metadata,
      uid: before?.object.metadata.uid ?? options.ids.next('uid'),
      creationTimestamp: before?.object.metadata.creationTimestamp ?? new Date(options.nowMs()).toISOString(),
      generation,
      resourceVersion: String(version + 1),
    };
    const object: KubeObject = structuredClone({ ...next, metadata });
    if (write?.dryRun === true) return object;
    version += 1;
    writes += 1;
    const gone = object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0;
    if (gone) stored.delete(key);
    else if (before === undefined) stored.set(key, { object, applied: new Map() });
    else before.object = object;
    emit(gone ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED', object);
    return object;
  };
  const emit = (type: WatchEvent['type'], object: KubeObject): void => watches.emit({ type, object }, version);

  const update = (ref: ObjectRef, change: (object: KubeObject) => KubeObject, write: WriteOptions | undefined): KubeObject | undefined => {
    requireKind(ref.apiVersion, ref.kind);
    const entry = stored.get(refKey(ref));
    return entry === undefined ? undefined : keep(refKey(ref), change(entry.object), write);
  };

  return {
    get: async (ref) => stored.get(refKey(ref))?.object,
    async list(scope) {
      requireKind(scope.apiVersion, scope.kind);
      return { items: [...stored.values()].map((entry) => entry.object).filter((object) => inScope(object, scope)), resourceVersion: String(version) };
    },
    watch: (scope, resourceVersion, call) =>
      watches.open({ matches: (object) => inScope(object, scope), after: Number(resourceVersion), signal: call?.signal }),
    async apply(object, call) {
      requireKind(object.apiVersion, object.kind);
      const key = refKey(refOf(object));
      const manager = call?.fieldManager ?? 'maru';
      const entry = stored.get(key);
      for (const [other, theirs] of entry?.applied ?? []) {
        const field = other === manager ? undefined : contestedField(object, theirs);
        if (field === undefined) continue;
        if (call?.force !== true) throw conflict(`${object.kind} ${object.metadata.name}: ${field} belongs to "${other}"`);
        if (call.dryRun !== true) entry?.applied.delete(other);
      }
      const merged = entry === undefined ? object : mergeApplied(entry.object, object, { previous: entry.applied.get(manager) });
      // The status subresource is written through patchStatus alone.
      const { status: _status, ...rest } = merged;
      const kept = entry?.object['status'];
      const result = keep(key, { ...rest, ...(kept === undefined ? {} : { status: kept }) } as KubeObject, call);
      if (call?.dryRun !== true) stored.get(key)?.applied.set(manager, structuredClone(object));
      return result;
    },
    async create(object, call) {
      requireKind(object.apiVersion, object.kind);
      const key = refKey(refOf(object));
      if (stored.has(key)) throw conflict(`${object.kind} ${object.metadata.name} exists already`);
      return keep(key, object, call);
    },
    async replace(object, call) {
      const key = refKey(refOf(object));
      const before = stored.get(key);
      if (before === undefined) {
        throw new PlatformError('cluster_rejected', {
          message: `${object.kind} ${object.metadata.name} was not found`,
          details: { status: 404, reason: 'NotFound' },
        });
      }
      if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== before.object.metadata.resourceVersion) {
        throw conflict(`${object.kind} ${object.metadata.name} was changed meanwhile`);
      }
      return keep(key, object, call);
    },
    mergePatch: async (ref, patch, call) => update(ref, (object) => mergePatchOf(object, patch) as KubeObject, call),
    patchStatus: async (ref, status, call) => update(ref, (object) => ({ ...object, status: mergePatchOf(object['status'] ?? {}, status) }), call),
    async delete(ref, call) {
      const entry = stored.get(refKey(ref));
      if (entry === undefined) return false;
      if (call?.uid !== undefined && call.uid !== entry.object.metadata.uid) throw conflict(`${ref.kind} ${ref.name} is another object by now`);
      if (entry.object.metadata.deletionTimestamp !== undefined) return true;
      keep(refKey(ref), { ...entry.object, metadata: { ...entry.object.metadata, deletionTimestamp: new Date(options.nowMs()).toISOString() } }, call);
      return true;
    },
    serves: async (apiVersion, kind) => !lacks.has(`${apiVersion}/${kind}`),
    close: async () => watches.drop(),
    objects: () => [...stored.values()].map((entry) => entry.object),
    writes: () => writes,
    dropWatches: () => watches.drop(),
  };
}

function inScope(object: KubeObject, scope: ObjectScope): boolean {
  if (object.apiVersion !== scope.apiVersion || object.kind !== scope.kind) return false;
  if (scope.namespace !== undefined && object.metadata.namespace !== undefined && object.metadata.namespace !== scope.namespace) return false;
  return (scope.labelSelector ?? '').split(',').every((term) => {
    const [name, value] = term.split('=');
    return name === undefined || name === '' || object.metadata.labels?.[name] === value;
  });
}

const withoutStatus = (object: KubeObject): unknown => ({ ...object, metadata: undefined, status: undefined });
const sameSpec = (left: KubeObject, right: KubeObject): boolean =>
  stable(withoutStatus(left)) === stable(withoutStatus(right)) && left.metadata.deletionTimestamp === right.metadata.deletionTimestamp;
const sameContent = (left: KubeObject, right: KubeObject): boolean => stable(normal(left)) === stable(normal(right));
const normal = (object: KubeObject): unknown => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: undefined, generation: undefined, uid: undefined, creationTimestamp: undefined },
});

/** JSON with sorted keys, so that the order of fields does not count as a change. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
