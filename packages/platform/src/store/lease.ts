import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { Db, Store } from './database.ts';

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Rises with every new holder: a writer that comes with an older one is too late. */
  readonly fence: number;
  readonly expiresMs: number;
}

/** Named leases in the database: one holder at a time, taken over when they run out. */
export interface Leases {
  /** Takes or renews the lease; undefined while somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Gives the lease back; the fence is kept, so that the next holder still gets a higher one. */
  release(lease: Lease): Promise<void>;
  /**
   * Throws `lease_lost` unless the lease is still held with this fence and has not run out. Inside a transaction (`db`) nobody
   * can take it over before that ends.
   */
  assertHeld(lease: Lease, db?: Db): Promise<void>;
}

export function createLeases(store: Store, clock: Clock): Leases {
  return {
    async acquire(name, holder, ttlMs) {
      const nowMs = clock.nowMs();
      const expiresMs = nowMs + ttlMs;
      // One statement decides: two takers can not both see the lease as free.
      const row = await store.db
        .insertInto('lease')
        .values({ name, holder, fence: 1, expires_ms: expiresMs })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((eb) => ({
              // A lease that ran out gets a new fence even for the same name: its late writes must fail too.
              fence: eb
                .case()
                .when(eb.and([eb('lease.holder', '=', holder), eb('lease.expires_ms', '>', nowMs)]))
                .then(eb.ref('lease.fence'))
                .else(eb('lease.fence', '+', 1))
                .end(),
              holder,
              expires_ms: expiresMs,
            }))
            .where((eb) => eb.or([eb('lease.holder', '=', holder), eb('lease.expires_ms', '<=', nowMs)])),
        )
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return { name, holder, fence: row.fence, expiresMs: row.expires_ms };
    },
    async release(lease) {
      await store.db
        .updateTable('lease')
        .set({ expires_ms: 0 })
        .where('name', '=', lease.name)
        .where('holder', '=', lease.holder)
        .where('fence', '=', lease.fence)
        .execute();
    },
    async assertHeld(lease, db = store.db) {
      // An update instead of a select: it locks the row until the caller's transaction ends.
      const held = await db
        .updateTable('lease')
        .set({ holder: lease.holder })
        .where('name', '=', lease.name)
        .where('holder', '=', lease.holder)
        .where('fence', '=', lease.fence)
        .where('expires_ms', '>', clock.nowMs())
        .returning('name')
        .executeTakeFirst();
      if (held === undefined) throw new PlatformError('lease_lost', { message: `the lease "${lease.name}" is no longer held by "${lease.holder}"` });
    },
  };
}
