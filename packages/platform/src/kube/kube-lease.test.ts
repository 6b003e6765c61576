import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { createKubeLease, type KubeLease } from './kube-lease.ts';
import { createMemoryKube, type MemoryKube } from './memory-kube.ts';

describe('leader lease', () => {
  let clock: FakeClock;
  let kube: MemoryKube;
  let leases: KubeLease[] = [];
  let terms: string[] = [];

  const begin = (): void => {
    clock = createFakeClock();
    kube = createMemoryKube({ ids: createSeededIds(), nowMs: clock.nowMs });
    leases = [];
    terms = [];
  };
  const join = (identity: string, cluster: Pick<MemoryKube, 'get' | 'create' | 'replace'> = kube): KubeLease => {
    const lease = createKubeLease({
      kube: cluster,
      clock,
      log: silentLog,
      namespace: 'maru',
      name: 'operator',
      identity,
      lead: (signal) => {
        terms.push(`${identity} begins`);
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            terms.push(`${identity} ends`);
            resolve();
          });
        });
      },
    });
    leases.push(lease);
    return lease;
  };
  const record = (): Record<string, unknown> => (kube.objects().find((object) => object.kind === 'Lease')?.['spec'] ?? {}) as Record<string, unknown>;

  afterEach(async () => {
    await Promise.all(leases.map((lease) => lease.close()));
  });

  it('goes to one of several, and stays there', async () => {
    begin();
    join('a');
    join('b');
    await clock.advance(60_000);
    expect(terms).toEqual(['a begins']);
    expect(record()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 1 });
  });

  it('is handed over at once when its holder closes', async () => {
    begin();
    const first = join('a');
    await clock.advance(0);
    join('b');
    await clock.advance(3000);

    await first.close();
    await clock.advance(3000);

    expect(terms).toEqual(['a begins', 'a ends', 'b begins']);
    expect(record()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 });
  });

  it('is taken over when its record stays as it is for its whole duration, never before', async () => {
    begin();
    await kube.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'operator', namespace: 'maru' },
      spec: { holderIdentity: 'dead', leaseDurationSeconds: 15 },
    });
    join('a');
    await clock.advance(14_000);
    expect(terms).toEqual([]);
    await clock.advance(4000);
    expect(terms).toEqual(['a begins']);
  });

  it('trusts no clock but its own: a renewal time in the past takes nothing away', async () => {
    begin();
    await kube.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'operator', namespace: 'maru' },
      spec: { holderIdentity: 'slow-clock', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z' },
    });
    join('a');
    await clock.advance(10_000);
    expect(terms).toEqual([]);
  });

  it('a holder that can not renew stops before another may begin', async () => {
    begin();
    let down = false;
    const fail = async (): Promise<never> => Promise.reject(new PlatformError('cluster_unreachable', { message: 'down' }));
    const flaky = { get: (...args: Parameters<MemoryKube['get']>) => (down ? fail() : kube.get(...args)), create: kube.create, replace: kube.replace };
    join('a', flaky);
    await clock.advance(0);
    join('b');
    await clock.advance(3000);

    down = true;
    await clock.advance(30_000);

    expect(terms).toEqual(['a begins', 'a ends', 'b begins']);
  });

  it('a holder whose requests hang stops in time too', async () => {
    begin();
    let hang = false;
    const hanging = {
      create: kube.create,
      replace: kube.replace,
      get: (...args: Parameters<MemoryKube['get']>) =>
        hang
          ? new Promise<never>((_resolve, reject) =>
              args[1]?.signal?.addEventListener('abort', () => reject(new PlatformError('cancelled', { message: 'cut' }))),
            )
          : kube.get(...args),
    };
    join('a', hanging);
    await clock.advance(0);
    join('b');
    await clock.advance(3000);

    hang = true;
    await clock.advance(12_000);
    expect(terms).toEqual(['a begins', 'a ends']);
    await clock.advance(20_000);
    expect(terms).toEqual(['a begins', 'a ends', 'b begins']);
    hang = false;
  });
});
