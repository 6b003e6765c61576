import type { Store } from '#store';
import type { Clock } from '#time';

export interface IdempotencyRow {
  readonly bodyHash: string;
  readonly requestId: string;
  readonly state: 'running' | 'done' | 'too-large';
  readonly contentType: string;
  readonly answer: string;
}

export interface IdempotencyKey {
  readonly tenant: string;
  readonly keyHash: string;
}

/** Requests by their keys in the database; each tenant has its own keys. */
export interface IdempotencyStore {
  /** Makes a row for a request that begins; the row that is there instead, where somebody has the key. */
  claim(
    key: IdempotencyKey,
    request: { readonly bodyHash: string; readonly requestId: string; readonly leaseUntilMs: number; readonly expiresMs: number },
  ): Promise<IdempotencyRow | undefined>;
  finish(key: IdempotencyKey, requestId: string, answer: Pick<IdempotencyRow, 'state' | 'contentType' | 'answer'>): Promise<void>;
  release(key: IdempotencyKey, requestId: string): Promise<void>;
  /** Says that these requests still run. */
  renew(requestIds: readonly string[], untilMs: number): Promise<void>;
  sweep(): Promise<void>;
}

export function createIdempotencyStore({ store, clock }: { readonly store: Store; readonly clock: Clock }): IdempotencyStore {
  const { db } = store;
  const find = ({ tenant, keyHash }: IdempotencyKey) =>
    db.selectFrom('idempotent_answer').selectAll().where('tenant', '=', tenant).where('key_hash', '=', keyHash).executeTakeFirst();
  return {
    async claim(key, request) {
      const row = {
        tenant: key.tenant,
        key_hash: key.keyHash,
        body_hash: request.bodyHash,
        request_id: request.requestId,
        state: 'running',
        lease_until_ms: request.leaseUntilMs,
        expires_ms: request.expiresMs,
        content_type: '',
        answer: '',
      };
      for (;;) {
        const made = await db
          .insertInto('idempotent_answer')
          .values(row)
          .onConflict((conflict) => conflict.columns(['tenant', 'key_hash']).doNothing())
          .executeTakeFirst();
        if ((made.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined;
        const there = await find(key);
        if (there === undefined) continue;
        const nowMs = clock.nowMs();
        const isOver = Number(there.expires_ms) <= nowMs || (there.state === 'running' && Number(there.lease_until_ms) <= nowMs);
        if (!isOver) return toRow(there);
        // Of several that find a dead row, the one that removes it goes on; the others find its new row.
        await db
          .deleteFrom('idempotent_answer')
          .where('tenant', '=', key.tenant)
          .where('key_hash', '=', key.keyHash)
          .where('request_id', '=', there.request_id)
          .where('lease_until_ms', '=', there.lease_until_ms)
          .execute();
      }
    },
    async finish({ tenant, keyHash }, requestId, { state, contentType, answer }) {
      await db
        .updateTable('idempotent_answer')
        .set({ state, content_type: contentType, answer })
        .where('tenant', '=', tenant)
        .where('key_hash', '=', keyHash)
        .where('request_id', '=', requestId)
        .execute();
    },
    async release({ tenant, keyHash }, requestId) {
      await db
        .deleteFrom('idempotent_answer')
        .where('tenant', '=', tenant)
        .where('key_hash', '=', keyHash)
        .where('request_id', '=', requestId)
        .where('state', '=', 'running')
        .execute();
    },
    async renew(requestIds, untilMs) {
      if (requestIds.length === 0) return;
      await db
        .updateTable('idempotent_answer')
        .set({ lease_until_ms: untilMs })
        .where('request_id', 'in', [...requestIds])
        .where('state', '=', 'running')
        .execute();
    },
    async sweep() {
      await db.deleteFrom('idempotent_answer').where('expires_ms', '<=', clock.nowMs()).execute();
    },
  };
}

const toRow = (row: { body_hash: string; request_id: string; state: string; content_type: string; answer: string }): IdempotencyRow => ({
  bodyHash: row.body_hash,
  requestId: row.request_id,
  state: row.state as IdempotencyRow['state'],
  contentType: row.content_type,
  answer: row.answer,
});
