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

/** An event of a streamed response; its `sequence_number` counts up from 0 without a gap. */
export type ResponseEvent = Json & { readonly sequence_number: number };

interface SaveOptions {
  /** The beginning of its stream, where it has one. */
  readonly events?: readonly ResponseEvent[];
  readonly expiresMs: number;
  /** Until when a running response is believed to be alive. */
  readonly leaseUntilMs: number;
}

/** Responses in the database: each tenant sees its own. */
export interface ResponseStore {
  save(tenant: string, response: KeptResponse, options: SaveOptions): Promise<void>;
  find(tenant: string, id: string): Promise<KeptResponse | undefined>;
  /** How it stands with a response, without reading all of it. */
  statusOf(tenant: string, id: string): Promise<ResponseStatus | undefined>;
  /** Goes on with the stream of a response; false when it is no longer running, and then nothing is written. */
  append(tenant: string, id: string, events: readonly ResponseEvent[]): Promise<boolean>;
  /** Some of the events after this number, in order; none when there are no more. */
  eventsAfter(tenant: string, id: string, number: number): Promise<readonly ResponseEvent[]>;
  /** Of the last event; undefined where the response has no stream. */
  lastNumber(tenant: string, id: string): Promise<number | undefined>;
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

/** Stretches of a stream that are read at once. */
const STRETCHES = 32;

export function createResponseStore({ store, clock }: { readonly store: Store; readonly clock: Clock }): ResponseStore {
  const { db } = store;
  return {
    async save(tenant, response, { events, expiresMs, leaseUntilMs }) {
      const insert = async (tx: typeof db): Promise<void> => {
        await tx
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
        if (events !== undefined)
          await tx
            .insertInto('response_events')
            .values(stretchOf(events, { tenant, id: response.id, expiresMs }))
            .execute();
      };
      await (events === undefined ? insert(db) : db.transaction().execute(insert));
    },
    async statusOf(tenant, id) {
      const nowMs = clock.nowMs();
      const row = await db
        .selectFrom('response')
        .select(['status', 'lease_until_ms'])
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('expires_ms', '>', nowMs)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return isLost(row, nowMs) ? 'failed' : (row.status as ResponseStatus);
    },
    append: (tenant, id, events) =>
      db.transaction().execute(async (tx) => {
        // An update instead of a select: it locks the row, so that nothing is written after a cancel.
        const row = await tx
          .updateTable('response')
          .set({ status: 'in_progress' })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .where('status', '=', 'in_progress')
          .returning('expires_ms')
          .executeTakeFirst();
        if (row === undefined) return false;
        await tx
          .insertInto('response_events')
          .values(stretchOf(events, { tenant, id, expiresMs: Number(row.expires_ms) }))
          .execute();
        return true;
      }),
    async eventsAfter(tenant, id, number) {
      const rows = await db
        .selectFrom('response_events')
        .select('events')
        .where('tenant', '=', tenant)
        .where('response_id', '=', id)
        .where('last_number', '>', number)
        .orderBy('first_number')
        .limit(STRETCHES)
        .execute();
      return rows.flatMap((row) => JSON.parse(row.events) as ResponseEvent[]).filter((event) => event.sequence_number > number);
    },
    async lastNumber(tenant, id) {
      const row = await db
        .selectFrom('response_events')
        .select((expression) => expression.fn.max('last_number').as('last'))
        .where('tenant', '=', tenant)
        .where('response_id', '=', id)
        .executeTakeFirst();
      return row?.last == null ? undefined : Number(row.last);
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
      return isLost(row, nowMs) ? lost(response) : response;
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
      return db.transaction().execute(async (tx) => {
        const { numDeletedRows } = await tx.deleteFrom('response').where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst();
        await tx.deleteFrom('response_events').where('tenant', '=', tenant).where('response_id', '=', id).execute();
        return numDeletedRows > 0n;
      });
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
      const nowMs = clock.nowMs();
      await db.deleteFrom('response').where('expires_ms', '<=', nowMs).execute();
      await db.deleteFrom('response_events').where('expires_ms', '<=', nowMs).execute();
    },
  };
}

const stretchOf = (
  events: readonly ResponseEvent[],
  { tenant, id, expiresMs }: { readonly tenant: string; readonly id: string; readonly expiresMs: number },
): { tenant: string; response_id: string; first_number: number; last_number: number; events: string; expires_ms: number } => ({
  tenant,
  response_id: id,
  first_number: events[0]?.sequence_number ?? 0,
  last_number: events.at(-1)?.sequence_number ?? 0,
  events: JSON.stringify(events),
  expires_ms: expiresMs,
});

/** Its process has not said for long that it lives. */
const isLost = (row: { readonly status: string; readonly lease_until_ms: number }, nowMs: number): boolean =>
  row.status === 'in_progress' && Number(row.lease_until_ms) < nowMs;

const lost = (response: KeptResponse): KeptResponse => ({
  ...response,
  status: 'failed',
  answer: {
    ...response.answer,
    status: 'failed',
    error: { code: 'server_error', message: 'the process that made this response has stopped; send the request again' },
  },
});
