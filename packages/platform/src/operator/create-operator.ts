import { isPlatformError, PlatformError } from '@maru/api/errors';
import { createKubeLease, type Kube } from '#kube';
import type { RenderOptions } from '#manifests';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { affectedBy } from './affected-by.ts';
import { type ClusterView, type ClusterViewOptions, openClusterView } from './cluster-view.ts';
import { installCrds } from './install-crds.ts';
import { OPERATOR_KINDS, type Owner, ownerKey } from './owner.ts';
import { reconcile } from './reconcile.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

export interface OperatorOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  readonly log: Log;
  /** Where the leader lease lies; the operator's own namespace. */
  readonly namespace: string;
  /** Unique per process, for example the name of the pod. */
  readonly identity: string;
  /** Only resources of this namespace; all where left out. */
  readonly watchNamespace?: string | undefined;
  /** Images, names of the cluster, of the gateway and of Prometheus. */
  readonly render?: Omit<RenderOptions, 'namespace'> | undefined;
  /** Applies the CustomResourceDefinitions first; true where left out. */
  readonly installCrds?: boolean | undefined;
  /** How long a silent leader is respected. */
  readonly leaseMs?: number | undefined;
  readonly renewEveryMs?: number | undefined;
}

/** A running operator. */
export interface Operator {
  readonly leading: () => boolean;
  /** Resolves when this process leads and has looked at every resource once. */
  readonly ready: Promise<void>;
  /** Resolves when there is nothing left to do right now; at once while another process leads. */
  idle(): Promise<void>;
  /** Stops the work, hands the lease over; resolves when nothing runs any more. */
  close(): Promise<void>;
}

const CONCURRENCY = 4;
const RESYNC_MS = 600_000;
/** How often a cluster is asked for kinds that it lacked. */
const DISCOVER_MS = 60_000;

/**
 * Keeps the cluster as Models, GpuPools and Routes say, as long as this process holds the lease. Never throws after it has started:
 * what fails is logged, told in the status and tried again with backoff.
 */
export function createOperator(options: OperatorOptions): Operator {
  const { kube, clock, log } = options;
  let queue: WorkQueue | undefined;
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  const lead = async (signal: AbortSignal): Promise<void> => {
    if (options.installCrds !== false)
      await untilDone((attempt) => installCrds(kube, clock, attempt), { clock, log, signal, what: 'CRDs could not be applied' });
    // Work starts when everything was seen once: a half-filled view would take living objects for orphans.
    const early = new Map<string, Owner>();
    let touched: ClusterViewOptions['touched'] = (owner) => void early.set(ownerKey(owner), owner);
    const random = (): number => options.ids.random();
    const view = await untilDone(
      (attempt) =>
        openClusterView({
          kube,
          clock,
          random,
          log,
          namespace: options.watchNamespace,
          resyncMs: RESYNC_MS,
          touched: (owner, what) => touched(owner, what),
          signal: attempt,
        }),
      { clock, log, signal, what: 'the cluster could not be read' },
    );
    if (view === undefined) return;
    const work = createWorkQueue({
      clock,
      random,
      concurrency: CONCURRENCY,
      work: (key, stopped) => reconcile(fromKey(key), { kube, view, clock, log, render: options.render ?? {}, signal: stopped }),
      failed: (key, error, retryInMs) => log.warn({ owner: key, error: isPlatformError(error) ? error.message : String(error), retryInMs }, 'reconcile failed'),
    });
    queue = work;
    touched = (owner, what) => {
      for (const each of what === 'owned' ? [owner] : affectedBy(owner, view)) work.add(ownerKey(each));
    };
    for (const owner of early.values()) work.add(ownerKey(owner));
    await work.idle();
    markReady();
    try {
      await discoverUntil(signal, { view, work, clock });
    } finally {
      queue = undefined;
      await work.close();
      await view.close();
    }
  };

  const lease = createKubeLease({
    kube,
    clock,
    log,
    namespace: options.namespace,
    name: 'maru-operator',
    identity: options.identity,
    lead,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    ...(options.renewEveryMs === undefined ? {} : { renewEveryMs: options.renewEveryMs }),
  });

  return { leading: lease.leading, ready, idle: () => queue?.idle() ?? Promise.resolve(), close: () => lease.close() };
}

/** Looks for new kinds now and then until the lease ends; a new kind may complete any resource. */
async function discoverUntil(signal: AbortSignal, parts: { readonly view: ClusterView; readonly work: WorkQueue; readonly clock: Clock }): Promise<void> {
  while (!signal.aborted) {
    await parts.clock.sleep(DISCOVER_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const found = await parts.view.discover().catch(() => false);
    if (found) for (const owner of parts.view.owners()) parts.work.add(ownerKey(owner));
  }
}

interface Attempts {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly what: string;
}

const TRY_AGAIN_MS = 5000;

/** Undefined when the lease ended before it worked. */
async function untilDone<T>(attempt: (signal: AbortSignal) => Promise<T>, context: Attempts): Promise<T | undefined> {
  while (!context.signal.aborted) {
    try {
      return await attempt(context.signal);
    } catch (error) {
      if (context.signal.aborted) return undefined;
      context.log.error({ error: isPlatformError(error) ? error.message : String(error) }, context.what);
      await context.clock.sleep(TRY_AGAIN_MS, context.signal).catch(() => undefined);
    }
  }
  return undefined;
}

function fromKey(key: string): Owner {
  const [kind, namespace = '', name = ''] = key.split('/');
  const known = OPERATOR_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) throw new PlatformError('internal', { message: `"${key}" is not the key of a resource` });
  return { kind: known, namespace, name };
}
