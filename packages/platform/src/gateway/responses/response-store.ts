import type { Store } from '#store';
import type { Clock } from '#time';

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';
type Json = Readonly<Record<string, unknown>>;

/** One turn of a conversation over the Responses API, as it is kept. */
export interface KeptResponse {
  readonly id: string;
  readonly status: ResponseStatus;
  readonly createdMs: number;
  readonly previousId: string | undefined;
  /** The items that this turn added. */
  readonly input: readonly Json[];
  /** The response object as clients get it. */
  readonly answer: Json;
  readonly background: boolean;
}

interface SaveOptions {
  readonly expiresMs: number;
  /** Until when a running response is believed to be alive. */
  readonly leaseUntilMs: number;
}

/** Responses in the database: each tenant sees its own. */
export interface ResponseStore {
  save(tenant: string, response: KeptResponse, options: SaveOptions): Promise<void>;
  find(tenant: string, id: string): Promise<KeptResponse | undefined>;
  /** The end of a response that ran; false when it is no longer running, and then nothing is changed. */
  finish(tenant: string, response: Pick<KeptResponse, 'id' | 'status' | 'answer'>): Promise<boolean>;
  /** Returns whether there was one. */
  remove(tenant: string, id: string): Promise<boolean>;
  requestCancel(tenant: string, id: string): Promise<void>;
  /** Says that these still run; returns the ids of those that are to be cancelled. */
  renew(ids: readonly string[], untilMs: number): Promise<readonly string[]>;
  /** Removes what has expired. */
  sweep(): Promise<void>;
}

export function createResponseStore({ store, clock }: { readonly store: Store; readonly clock: Clock }): ResponseStore {
  const { db } = store;
  return {
    async save(tenant, response, { expiresMs, leaseUntilMs }) {
      await db
        .insertInto('response')
        .values({
          tenant,
          id: response.id,
          status: response.status,
          created_ms: response.createdMs,
          expires_ms: expiresMs,
          previous_id: response.previousId ?? null,
          input: JSON.stringify(response.input),
          answer: JSON.stringify(response.answer),
          background: response.background ? 1 : 0,
          lease_until_ms: leaseUntilMs,
          cancel_requested: 0,
        })
        .execute();
    },
    async find(tenant, id) {
      const nowMs = clock.nowMs();
      const row = await db
        .selectFrom('response')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('expires_ms', '>', nowMs)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const response: KeptResponse = {
        id,
        status: row.status as ResponseStatus,
        createdMs: Number(row.created_ms),
        previousId: row.previous_id ?? undefined,
        input: JSON.parse(row.input) as Json[],
        answer: JSON.parse(row.answer) as Json,
        background: row.background === 1,
      };
      return row.status === 'in_progress' && Number(row.lease_until_ms) < nowMs ? lost(response) : response;
    },
    async finish(tenant, { id, status, answer }) {
      const { numUpdatedRows } = await db
        .updateTable('response')
        .set({ status, answer: JSON.stringify(answer) })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('status', '=', 'in_progress')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async remove(tenant, id) {
      const { numDeletedRows } = await db.deleteFrom('response').where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async requestCancel(tenant, id) {
      await db.updateTable('response').set({ cancel_requested: 1 }).where('tenant', '=', tenant).where('id', '=', id).execute();
    },
    async renew(ids, untilMs) {
      if (ids.length === 0) return [];
      await db
        .updateTable('response')
        .set({ lease_until_ms: untilMs })
        .where('id', 'in', [...ids])
        .where('status', '=', 'in_progress')
        .execute();
      const rows = await db
        .selectFrom('response')
        .select('id')
        .where('id', 'in', [...ids])
        .where('cancel_requested', '=', 1)
        .execute();
      return rows.map((row) => row.id);
    },
    async sweep() {
      await db.deleteFrom('response').where('expires_ms', '<=', clock.nowMs()).execute();
    },
  };
}

const lost = (response: KeptResponse): KeptResponse => ({
  ...response,
  status: 'failed',
  answer: {
    ...response.answer,
    status: 'failed',
    error: { code: 'server_error', message: 'the process that made this response has stopped; send the request again' },
  },
});
