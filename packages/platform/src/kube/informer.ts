import { isPlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import { backoffMs, type Clock } from '#time';
import type { Kube } from './kube.ts';
import { type KubeObject, type ObjectScope, refKey, refOf } from './object.ts';
import { isTooOld } from './status-error.ts';

export interface InformerHandlers {
  /** The object is new or differs from what was seen before; also called for everything at each resync. */
  changed(object: KubeObject): void;
  /** The object is gone; carries the last state seen. */
  gone(object: KubeObject): void;
}

export interface InformerDeps {
  readonly kube: Pick<Kube, 'list' | 'watch'>;
  readonly clock: Clock;
  /** From 0 to 1, for the jitter of reconnects. */
  readonly random: () => number;
  readonly log: Log;
  /** Everything is handed to `changed` again after this; repairs what an event did not show. */
  readonly resyncMs?: number;
}

/** A local copy of all objects of a scope that follows the cluster until it is closed. */
export interface Informer {
  get(namespace: string | undefined, name: string): KubeObject | undefined;
  all(): readonly KubeObject[];
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
  close(): Promise<void>;
}

const RECONNECT = { baseMs: 500, maxMs: 30_000 };

/** Lists, then watches; reconnects with backoff, lists again when the watch has fallen too far behind. Never throws: trouble is logged and retried. */
export function startInformer(scope: ObjectScope, handlers: InformerHandlers, deps: InformerDeps): Informer {
  const { kube, clock, log } = deps;
  const cache = new Map<string, KubeObject>();
  const stop = new AbortController();
  let markSynced: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => {
    markSynced = resolve;
  });

  const put = (object: KubeObject): void => {
    const key = refKey(refOf(object));
    if (cache.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    cache.set(key, object);
    handlers.changed(object);
  };
  const drop = (key: string, last: KubeObject): void => {
    if (cache.delete(key)) handlers.gone(last);
  };

  const relist = async (): Promise<string> => {
    const list = await kube.list(scope, { signal: stop.signal });
    const keys = new Set(list.items.map((item) => refKey(refOf(item))));
    for (const [key, object] of cache) if (!keys.has(key)) drop(key, object);
    for (const item of list.items) put(item);
    markSynced();
    return list.resourceVersion;
  };

  const follow = async (): Promise<void> => {
    let version: string | undefined;
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        version ??= await relist();
        for await (const event of kube.watch(scope, version, { signal: stop.signal })) {
          failures = 0;
          version = event.object.metadata.resourceVersion ?? version;
          if (event.type === 'BOOKMARK') continue;
          if (event.type === 'DELETED') drop(refKey(refOf(event.object)), event.object);
          else put(event.object);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        if (isTooOld(error)) {
          version = undefined;
          continue;
        }
        failures += 1;
        const message = isPlatformError(error) ? error.message : String(error);
        log.warn({ kind: scope.kind, failures, error: message }, 'watch was interrupted; it is tried again');
      }
      await pause(backoffMs(failures, { ...RECONNECT, random: deps.random }));
    }
  };
  const pause = (delayMs: number): Promise<void> => clock.sleep(delayMs, stop.signal).catch(() => undefined);

  const resync = async (everyMs: number): Promise<void> => {
    while (!stop.signal.aborted) {
      await pause(everyMs);
      if (!stop.signal.aborted) for (const object of cache.values()) handlers.changed(object);
    }
  };

  const loops = [follow(), ...(deps.resyncMs === undefined ? [] : [resync(deps.resyncMs)])];
  return {
    get: (namespace, name) => cache.get(refKey({ apiVersion: scope.apiVersion, kind: scope.kind, name, ...(namespace === undefined ? {} : { namespace }) })),
    all: () => [...cache.values()],
    synced,
    async close() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}
