import { isPlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { Kube } from './kube.ts';
import type { KubeObject } from './object.ts';

export interface KubeLeaseOptions {
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  /** How long a holder that went silent is respected. */
  readonly leaseMs?: number;
  /** How often the holder renews and a candidate looks. */
  readonly renewEveryMs?: number;
  /** Called when the lease is held; the signal aborts when it is lost or closed, and work must stop then. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
}

export interface KubeLease {
  readonly leading: () => boolean;
  /** Stops the work, then hands the lease over at once. */
  close(): Promise<void>;
}

/**
 * Leader election on a `coordination.k8s.io/v1` Lease, as client-go does it: a candidate measures by its own clock how long the
 * record stayed unchanged, so clocks of different machines need not agree, and a holder that can not renew gives up before others may take over.
 */
export function createKubeLease(options: KubeLeaseOptions): KubeLease {
  const { kube, clock, log, namespace, name, identity } = options;
  const leaseMs = options.leaseMs ?? 15_000;
  const renewEveryMs = options.renewEveryMs ?? 3000;
  const giveUpAfterMs = leaseMs * (2 / 3);
  const stop = new AbortController();
  let seen: { version: string; atMs: number } | undefined;
  let term: { abort: AbortController; work: Promise<void> } | undefined;
  let renewedMs = 0;

  const tryHold = async (signal: AbortSignal): Promise<boolean> => {
    const current = await kube.get({ apiVersion: LEASE_API, kind: 'Lease', namespace, name }, { signal });
    if (current === undefined) {
      await kube.create(leaseObject(1, undefined), { signal });
      return true;
    }
    const version = current.metadata.resourceVersion ?? '';
    if (seen?.version !== version) seen = { version, atMs: clock.monotonicMs() };
    const spec = current['spec'] as LeaseSpec | undefined;
    const holder = spec?.holderIdentity ?? '';
    const free = holder === '' || clock.monotonicMs() - seen.atMs >= (spec?.leaseDurationSeconds ?? 0) * 1000;
    if (holder !== identity && !free) return false;
    const transitions = (spec?.leaseTransitions ?? 0) + (holder === identity ? 0 : 1);
    await kube.replace(leaseObject(transitions, current), { signal });
    return true;
  };

  const leaseObject = (transitions: number, current: KubeObject | undefined): KubeObject => {
    const now = new Date(clock.nowMs()).toISOString().replace('Z', '000Z');
    const before = current?.['spec'] as LeaseSpec | undefined;
    const acquireTime = before?.holderIdentity === identity ? (before.acquireTime ?? now) : now;
    const version = current?.metadata.resourceVersion;
    return {
      apiVersion: LEASE_API,
      kind: 'Lease',
      metadata: { name, namespace, ...(version === undefined ? {} : { resourceVersion: version }) },
      spec: { holderIdentity: identity, leaseDurationSeconds: Math.ceil(leaseMs / 1000), acquireTime, renewTime: now, leaseTransitions: transitions },
    };
  };

  const begin = (): void => {
    const abort = new AbortController();
    log.info({ lease: name, identity }, 'became leader');
    const work = options.lead(abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) log.error({ lease: name, error: String(error) }, 'the work of the leader ended with an error');
    });
    term = { abort, work };
  };
  const end = async (): Promise<void> => {
    const ending = term;
    term = undefined;
    if (ending === undefined) return;
    ending.abort.abort();
    await ending.work;
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // An attempt that hangs must end before another process may take over.
      const attempt = new AbortController();
      const leftMs = term === undefined ? giveUpAfterMs : Math.max(0, renewedMs + giveUpAfterMs - clock.monotonicMs());
      const timer = clock.schedule(leftMs, () => attempt.abort());
      try {
        const held = await tryHold(AbortSignal.any([stop.signal, attempt.signal]));
        if (held) {
          renewedMs = clock.monotonicMs();
          if (term === undefined) begin();
        } else if (term !== undefined) {
          log.warn({ lease: name, identity }, 'the lease went to another process');
          await end();
        }
      } catch (error) {
        if (stop.signal.aborted) break;
        // A lost race is no trouble: the next look decides.
        if (!isPlatformError(error, 'conflict')) log.warn({ lease: name, error: String(error) }, 'the lease could not be renewed');
        if (term !== undefined && clock.monotonicMs() - renewedMs >= giveUpAfterMs) {
          log.error({ lease: name, identity }, 'stopped leading: the lease could not be renewed in time');
          await end();
        }
      } finally {
        timer.cancel();
      }
      await clock.sleep(renewEveryMs, stop.signal).catch(() => undefined);
    }
  };

  const handOver = async (): Promise<void> => {
    try {
      const current = await kube.get({ apiVersion: LEASE_API, kind: 'Lease', namespace, name });
      const spec = current?.['spec'] as LeaseSpec | undefined;
      if (current === undefined || spec?.holderIdentity !== identity) return;
      await kube.replace({ ...current, spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1 } });
    } catch (error) {
      log.warn({ lease: name, error: String(error) }, 'the lease could not be handed over; it runs out by itself');
    }
  };

  const loop = run();
  return {
    leading: () => term !== undefined,
    async close() {
      stop.abort();
      await loop;
      const held = term !== undefined;
      await end();
      if (held) await handOver();
    },
  };
}

const LEASE_API = 'coordination.k8s.io/v1';

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}
