import { PlatformError } from '@maru/api/errors';
import type { Charge } from '@maru/api/records';
import type { Store } from '#store';
import { fromChargeRow } from './charge-row.ts';

export interface ChargeFilters {
  readonly tenant?: string | undefined;
  readonly keyId?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly requestedModel?: string | undefined;
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly outcome?: Charge['outcome'] | undefined;
  /** Inclusive. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
}

export interface ChargeQuery {
  readonly filters?: ChargeFilters | undefined;
  /** From the previous page. */
  readonly cursor?: string | undefined;
  /** 1 to 1000; 100 where absent. */
  readonly limit?: number | undefined;
}

export interface ChargePage {
  /** Newest first. */
  readonly charges: readonly Charge[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

const COLUMNS = {
  tenant: 'tenant',
  keyId: 'key_id',
  user: 'user_name',
  session: 'session',
  agent: 'agent',
  model: 'model',
  requestedModel: 'requested_model',
  requestId: 'request_id',
  traceId: 'trace_id',
  outcome: 'outcome',
} as const;

/** Charges of the database, page by page; charges that come in between do not shift the pages. */
export async function listCharges(store: Store, query: ChargeQuery = {}): Promise<ChargePage> {
  const limit = Math.min(1000, Math.max(1, Math.trunc(query.limit ?? 100)));
  const filters = query.filters ?? {};
  let rows = store.db
    .selectFrom('charge')
    .selectAll()
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  for (const [name, column] of Object.entries(COLUMNS) as [keyof typeof COLUMNS, (typeof COLUMNS)[keyof typeof COLUMNS]][]) {
    const value = filters[name];
    if (value !== undefined) rows = rows.where(column, '=', value);
  }
  if (filters.fromMs !== undefined) rows = rows.where('at_ms', '>=', filters.fromMs);
  if (filters.toMs !== undefined) rows = rows.where('at_ms', '<', filters.toMs);
  if (query.cursor !== undefined) {
    const { atMs, id } = decodeCursor(query.cursor);
    rows = rows.where((eb) => eb.or([eb('at_ms', '<', atMs), eb.and([eb('at_ms', '=', atMs), eb('id', '<', id)])]));
  }
  const found = await rows.execute();
  const charges = found.slice(0, limit).map(fromChargeRow);
  const last = charges.at(-1);
  return found.length > limit && last !== undefined ? { charges, nextCursor: encodeCursor(last) } : { charges };
}

const encodeCursor = (charge: Charge): string => Buffer.from(`${charge.atMs} ${charge.id}`).toString('base64url');

function decodeCursor(cursor: string): { atMs: number; id: string } {
  const match = /^(\d{1,15}) (.{1,200})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw new PlatformError('invalid_request', { message: 'the cursor is not one that this list has given' });
  return { atMs: Number(match[1]), id: match[2] ?? '' };
}
