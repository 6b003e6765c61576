import { PlatformError } from '@maru/api/errors';
import { createLeases, type Store } from '#store';
import type { Clock } from '#time';

const TTL_MS = 15_000;

/** Held while a base is ingested; `lost` is aborted when another process took it over. */
export interface BaseLease {
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * One ingestion of a base at a time among the processes of a shared database. An embedded database belongs to one process, by the
 * lock of its folder, and needs no lease: a start after kill -9 must not wait for one to run out. Throws `conflict` while another holds it.
 */
export async function acquireBaseLease(options: { store: Store; clock: Clock; base: string; holder: string }): Promise<BaseLease> {
  const { store, clock, base, holder } = options;
  const lost = new AbortController();
  if (store.dialect === 'sqlite') return { lost: lost.signal, release: async () => undefined };
  const leases = createLeases(store, clock);
  const name = `knowledge/${base}`;
  const lease = await leases.acquire(name, holder, TTL_MS);
  if (lease === undefined)
    throw new PlatformError('conflict', { message: `the knowledge base "${base}" is being ingested by another process`, retryAfterS: TTL_MS / 1000 });
  const fail = (): void => lost.abort(new PlatformError('lease_lost', { message: `another process took over the ingestion of "${base}"` }));
  const renew = (): void => {
    leases.acquire(name, holder, TTL_MS).then(
      (renewed) => (renewed === undefined ? fail() : schedule()),
      () => fail(),
    );
  };
  let timer = { cancel: (): void => undefined };
  let released = false;
  const schedule = (): void => {
    if (!released) timer = clock.schedule(TTL_MS / 3, renew);
  };
  schedule();
  return {
    lost: lost.signal,
    release: async () => {
      released = true;
      timer.cancel();
      await leases.release(lease);
    },
  };
}
