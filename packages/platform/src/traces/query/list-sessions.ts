import type { Usage } from '@maru/api/records';
import type { Page } from '@maru/api/wire';
import { sql } from 'kysely';
import type { Db } from '#store';
import { toMs } from '../settle/microseconds.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { type TraceFilter, traceConditions } from './filter-traces.ts';
import { pageLimit } from './page-limit.ts';

/** The traces of one session, summed up. */
export interface SessionSummary {
  readonly session: string;
  readonly tenant: string;
  readonly user: string | null;
  readonly traces: number;
  readonly errors: number;
  readonly firstMs: number;
  /** Start of the newest trace. */
  readonly lastMs: number;
  readonly usage: Usage;
  readonly costNanoUsd: number | null;
}

export interface ListSessionsOptions extends Pick<TraceFilter, 'fromMs' | 'toMs' | 'tenant' | 'user' | 'text'> {
  readonly cursor?: string;
  readonly limit?: number;
}

/** One page of sessions, the one with the newest trace first. */
export async function listSessions(db: Db, options: ListSessionsOptions): Promise<Page<SessionSummary>> {
  const limit = pageLimit(options.limit);
  const last = sql<number>`max(start_us)`;
  let query = db
    .selectFrom('trace')
    .where('session', 'is not', null)
    .where((eb) => eb.and(traceConditions(eb, options)))
    .groupBy(['tenant', 'session'])
    .select(['tenant', 'session', last.as('last_us'), sql<number>`min(start_us)`.as('first_us'), sql<string | null>`max(user_id)`.as('user_id')])
    .select([
      sql<number>`count(*)`.as('traces'),
      sql<number>`sum(case when status = 'error' then 1 else 0 end)`.as('errors'),
      whole('input_tokens'),
      whole('cache_read_tokens'),
      whole('cache_write_tokens'),
      whole('output_tokens'),
      whole('reasoning_tokens'),
      sql<number | null>`cast(sum(cost_nano_usd) as bigint)`.as('cost_nano_usd'),
    ]);
  if (options.cursor !== undefined) {
    const [lastUs, session, tenant] = decodeCursor('sessions', options.cursor, ['number', 'string', 'string']) as [number, string, string];
    query = query.having((eb) =>
      eb.or([
        eb(last, '<', lastUs),
        eb.and([eb(last, '=', lastUs), eb('session', '<', session)]),
        eb.and([eb(last, '=', lastUs), eb('session', '=', session), eb('tenant', '<', tenant)]),
      ]),
    );
  }
  const rows = await query
    .orderBy('last_us', 'desc')
    .orderBy('session', 'desc')
    .orderBy('tenant', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map((row) => ({
    session: row.session ?? '',
    tenant: row.tenant,
    user: row.user_id,
    traces: row.traces,
    errors: row.errors,
    firstMs: toMs(row.first_us),
    lastMs: toMs(row.last_us),
    usage: {
      inputTokens: row.input_tokens,
      cacheReadTokens: row.cache_read_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      outputTokens: row.output_tokens,
      reasoningTokens: row.reasoning_tokens,
    },
    costNanoUsd: row.cost_nano_usd,
  }));
  const end = rows[limit - 1];
  return { items, nextCursor: rows.length > limit && end !== undefined ? encodeCursor('sessions', [end.last_us, end.session ?? '', end.tenant]) : null };
}

/** A sum of a bigint column is `numeric` on PostgreSQL, which arrives as text; the cast keeps it a number. */
const whole = <Column extends string>(column: Column) => sql<number>`cast(sum(${sql.ref(column)}) as bigint)`.as(column);
