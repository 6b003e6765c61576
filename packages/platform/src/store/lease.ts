import type { Clock } from '#time';
import type { Store } from './database.ts';

export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
  readonly expiresMs: number;
}

/** Named leases in the database: one holder at a time, taken over when they run out. */
export interface Leases {
  /** Takes or renews the lease; undefined while somebody else holds it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
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
              fence: eb
                .case()
                .when('lease.holder', '=', holder)
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
      await store.db.deleteFrom('lease').where('name', '=', lease.name).where('holder', '=', lease.holder).where('fence', '=', lease.fence).execute();
    },
  };
}
