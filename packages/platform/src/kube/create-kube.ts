import { PlatformError } from '@maru/api/errors';
import { createDiscovery, groupPath } from './discovery.ts';
import type { Kube, WatchEvent, WriteOptions } from './kube.ts';
import { type KubeObject, type ObjectRef, type ObjectScope, refOf } from './object.ts';
import { toStatusError } from './status-error.ts';
import type { Transport } from './transport.ts';
import { WATCH_SECONDS } from './watch-seconds.ts';

/** The name under which Maru owns fields. */
export const FIELD_MANAGER = 'maru';
const PAGE_SIZE = 500;

/** The dynamic client over one transport. */
export function createKube(transport: Transport): Kube {
  const discovery = createDiscovery(transport);

  const pathOf = async (ref: Omit<ObjectRef, 'name'> & { readonly name?: string }, signal?: AbortSignal): Promise<string> => {
    const type = await discovery.require(ref.apiVersion, ref.kind, signal);
    if (type.namespaced && ref.name !== undefined && ref.namespace === undefined) {
      throw new PlatformError('cluster_rejected', { message: `${ref.kind} ${ref.name} needs a namespace`, details: { status: 400 } });
    }
    const place = type.namespaced && ref.namespace !== undefined ? `/namespaces/${encodeURIComponent(ref.namespace)}` : '';
    const name = ref.name === undefined ? '' : `/${encodeURIComponent(ref.name)}`;
    return `${groupPath(ref.apiVersion)}${place}/${type.plural}${name}`;
  };
  const dryRun = (options?: WriteOptions): { dryRun: string | undefined } => ({ dryRun: options?.dryRun === true ? 'All' : undefined });
  const must = (object: KubeObject | undefined, ref: ObjectRef): KubeObject => {
    if (object !== undefined) return object;
    const where = ref.namespace === undefined ? '' : ` (does the namespace ${ref.namespace} exist?)`;
    throw new PlatformError('cluster_rejected', { message: `${ref.kind} ${ref.name} was not found${where}`, details: { status: 404, reason: 'NotFound' } });
  };

  return {
    async get(ref, options) {
      const type = await discovery.find(ref.apiVersion, ref.kind, options?.signal);
      if (type === undefined) return undefined;
      return transport.call<KubeObject>({ method: 'GET', path: await pathOf(ref, options?.signal), signal: options?.signal });
    },
    async list(scope, options) {
      const path = await pathOf(scope, options?.signal);
      const items: KubeObject[] = [];
      let resourceVersion = '';
      let next: string | undefined;
      do {
        const query = { limit: String(PAGE_SIZE), continue: next, labelSelector: scope.labelSelector };
        const page = await transport.call<ListAnswer>({ method: 'GET', path, query, signal: options?.signal });
        // Items of a list come without their envelope.
        for (const item of page?.items ?? []) items.push({ ...item, apiVersion: scope.apiVersion, kind: scope.kind });
        resourceVersion = page?.metadata?.resourceVersion ?? resourceVersion;
        next = page?.metadata?.continue === '' ? undefined : page?.metadata?.continue;
      } while (next !== undefined);
      return { items, resourceVersion };
    },
    async *watch(scope: ObjectScope, resourceVersion: string, options) {
      const query = {
        watch: 'true',
        resourceVersion,
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(WATCH_SECONDS),
        labelSelector: scope.labelSelector,
      };
      const path = await pathOf(scope, options?.signal);
      for await (const line of transport.lines({ method: 'GET', path, query, signal: options?.signal })) {
        yield toWatchEvent(line, path);
      }
    },
    async apply(object, options) {
      const query = { fieldManager: options?.fieldManager ?? FIELD_MANAGER, force: options?.force === true ? 'true' : undefined, ...dryRun(options) };
      const path = await pathOf(refOf(object), options?.signal);
      const contentType = 'application/apply-patch+yaml';
      return must(await transport.call<KubeObject>({ method: 'PATCH', path, query, body: object, contentType, signal: options?.signal }), refOf(object));
    },
    async create(object, options) {
      const { name: _name, ...collection } = refOf(object);
      const path = await pathOf(collection, options?.signal);
      return must(await transport.call<KubeObject>({ method: 'POST', path, query: dryRun(options), body: object, signal: options?.signal }), refOf(object));
    },
    async replace(object, options) {
      const path = await pathOf(refOf(object), options?.signal);
      return must(await transport.call<KubeObject>({ method: 'PUT', path, query: dryRun(options), body: object, signal: options?.signal }), refOf(object));
    },
    async mergePatch(ref, patch, options) {
      const call = { method: 'PATCH' as const, query: { fieldManager: FIELD_MANAGER, ...dryRun(options) }, contentType: MERGE_PATCH, signal: options?.signal };
      return transport.call<KubeObject>({ ...call, path: await pathOf(ref, options?.signal), body: patch });
    },
    async patchStatus(ref, status, options) {
      const call = { method: 'PATCH' as const, query: { fieldManager: FIELD_MANAGER, ...dryRun(options) }, contentType: MERGE_PATCH, signal: options?.signal };
      return transport.call<KubeObject>({ ...call, path: `${await pathOf(ref, options?.signal)}/status`, body: { status } });
    },
    async delete(ref, options) {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        ...(options?.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      };
      const type = await discovery.find(ref.apiVersion, ref.kind, options?.signal);
      if (type === undefined) return false;
      const answer = await transport.call({
        method: 'DELETE',
        path: await pathOf(ref, options?.signal),
        query: dryRun(options),
        body,
        signal: options?.signal,
      });
      return answer !== undefined;
    },
    async serves(apiVersion, kind, options) {
      return (await discovery.find(apiVersion, kind, options?.signal)) !== undefined;
    },
    close: () => transport.close(),
  };
}

const MERGE_PATCH = 'application/merge-patch+json';

interface ListAnswer {
  readonly items?: readonly KubeObject[];
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** An ERROR event carries a `Status`; a watch that is too old says 410 this way, inside an answer of 200. */
function toWatchEvent(line: string, path: string): WatchEvent {
  let event: { type: string; object: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw new PlatformError('cluster_rejected', { message: `watch ${path}: an event is not JSON`, cause });
  }
  if (event.type !== 'ERROR') return event as WatchEvent;
  const status = (event.object as { code?: number }).code ?? 500;
  throw toStatusError(status, JSON.stringify(event.object), `watch ${path}`);
}
