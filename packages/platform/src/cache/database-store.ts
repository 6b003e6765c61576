import type { Store } from '#store';
import type { Clock } from '#time';
import type { AnswerStore } from './answer-store.ts';

export interface DatabaseStoreOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Most bytes of all answers together. */
  readonly maxBytes: number;
}

/** Writes between two looks at what can go. */
const SWEEP_EVERY = 64;

/** Answers in the database of the platform: shared by its processes, kept over a restart. */
export function createDatabaseStore({ store, clock, maxBytes }: DatabaseStoreOptions): AnswerStore {
  let writes = 0;

  const sweep = async (): Promise<void> => {
    await store.db.deleteFrom('cache_entry').where('expires_ms', '<=', clock.nowMs()).execute();
    for (;;) {
      const { total } = await store.db
        .selectFrom('cache_entry')
        .select((eb) => eb.fn.sum<number | null>('size_bytes').as('total'))
        .executeTakeFirstOrThrow();
      if ((total ?? 0) <= maxBytes) return;
      const oldest = await store.db.selectFrom('cache_entry').select('key').orderBy('stored_ms').limit(100).execute();
      if (oldest.length === 0) return;
      await store.db
        .deleteFrom('cache_entry')
        .where(
          'key',
          'in',
          oldest.map((row) => row.key),
        )
        .execute();
    }
  };

  return {
    async get(key) {
      const row = await store.db.selectFrom('cache_entry').select('answer').where('key', '=', key).where('expires_ms', '>', clock.nowMs()).executeTakeFirst();
      return row === undefined ? undefined : Buffer.from(row.answer.buffer, row.answer.byteOffset, row.answer.byteLength);
    },
    async set(key, bytes, { tenant, expiresMs }) {
      if (bytes.length > maxBytes) return;
      const row = { tenant, stored_ms: clock.nowMs(), expires_ms: expiresMs, size_bytes: bytes.length, answer: bytes };
      await store.db
        .insertInto('cache_entry')
        .values({ key, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute();
      writes += 1;
      if (writes % SWEEP_EVERY === 0) await sweep();
    },
    close: () => Promise.resolve(),
  };
}
