import type { Store } from '#store';
import type { Clock } from '#time';
import type { EpochHistory } from './limits-epoch.ts';

const REDIS = 'redis';

/** Remembers in the database that limits lie in Redis. */
export function createSqlEpochHistory({ db }: Store, clock: Clock): EpochHistory {
  return {
    hadEpoch: async () => (await db.selectFrom('limits_epoch').select('id').where('id', '=', REDIS).executeTakeFirst()) !== undefined,
    async remember() {
      await db
        .insertInto('limits_epoch')
        .values({ id: REDIS, since_ms: clock.nowMs() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}
