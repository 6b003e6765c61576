import type { Usage } from '@maru/api/records';
import type { ExpressionBuilder, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Store } from '#store';
import { hourOf } from './budget-window.ts';

export const SPEND_GROUPS = ['tenant', 'key', 'agent', 'model', 'requestedModel', 'provider', 'hour', 'day', 'total'] as const;
export type SpendGroup = (typeof SPEND_GROUPS)[number];

export interface SpendQuery {
  readonly by: SpendGroup;
  /** Sums are kept per hour: the time is widened to whole hours (UTC). */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  readonly tenant?: string | undefined;
  readonly keyId?: string | undefined;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
}

export interface SpendRow {
  /** Name of the tenant, id of the key, name of the model; for `hour` and `day` the beginning in ISO 8601; empty for `total` and for no agent. */
  readonly group: string;
  readonly requests: number;
  readonly errors: number;
  /** Charges without a known price, which `costNanoUsd` does not contain. */
  readonly unpriced: number;
  readonly usage: Usage;
  readonly costNanoUsd: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COLUMNS = { tenant: 'tenant', key: 'key_id', agent: 'agent', model: 'model', requestedModel: 'requested_model', provider: 'provider' } as const;

/** Sums of charges; times in order, everything else by cost, the dearest first. */
export async function sumSpend(store: Store, query: SpendQuery): Promise<readonly SpendRow[]> {
  const sum = (column: string): RawBuilder<number> => sql<number>`coalesce(sum(${sql.ref(column)}), 0)`;
  const rows = await store.db
    .selectFrom('spend_hour')
    .select([
      groupOf(query.by).as('group'),
      sum('requests').as('requests'),
      sum('errors').as('errors'),
      sum('unpriced').as('unpriced'),
      sum('input_tokens').as('input_tokens'),
      sum('cache_read_tokens').as('cache_read_tokens'),
      sum('cache_write_tokens').as('cache_write_tokens'),
      sum('output_tokens').as('output_tokens'),
      sum('reasoning_tokens').as('reasoning_tokens'),
      sum('cost_nano').as('cost_nano'),
    ])
    .where((eb) => eb.and(conditions(eb, query)))
    .$if(query.by !== 'total', (all) => all.groupBy(groupOf(query.by)))
    .having(sum('requests'), '>', 0)
    .execute();
  return rows.map(toRow(query.by)).sort(orderOf(query.by));
}

function groupOf(by: SpendGroup): RawBuilder<string | number> {
  if (by === 'total') return sql<string>`''`;
  // The divisor stands in the text: as a parameter PostgreSQL would not see that both expressions are the same.
  if (by === 'hour') return sql<number>`hour_ms`;
  if (by === 'day') return sql<number>`hour_ms - hour_ms % ${sql.lit(DAY_MS)}`;
  return sql<string>`${sql.ref(COLUMNS[by])}`;
}

type Builder = ExpressionBuilder<Tables, 'spend_hour'>;
type Tables = Store['db'] extends import('kysely').Kysely<infer T> ? T : never;

function conditions(eb: Builder, query: SpendQuery): ReturnType<Builder>[] {
  return [
    ...(query.fromMs === undefined ? [] : [eb('hour_ms', '>=', hourOf(query.fromMs))]),
    ...(query.toMs === undefined ? [] : [eb('hour_ms', '<', hourOf(query.toMs + HOUR_MS - 1))]),
    ...(query.tenant === undefined ? [] : [eb('tenant', '=', query.tenant)]),
    ...(query.keyId === undefined ? [] : [eb('key_id', '=', query.keyId)]),
    ...(query.agent === undefined ? [] : [eb('agent', '=', query.agent)]),
    ...(query.model === undefined ? [] : [eb('model', '=', query.model)]),
  ];
}

interface SumRow {
  readonly group: string | number;
  readonly requests: number;
  readonly errors: number;
  readonly unpriced: number;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly cost_nano: number;
}

const toRow =
  (by: SpendGroup) =>
  (row: SumRow): SpendRow => ({
    group: by === 'hour' || by === 'day' ? new Date(Number(row.group)).toISOString() : String(row.group),
    requests: row.requests,
    errors: row.errors,
    unpriced: row.unpriced,
    usage: {
      inputTokens: row.input_tokens,
      cacheReadTokens: row.cache_read_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      outputTokens: row.output_tokens,
      reasoningTokens: row.reasoning_tokens,
    },
    costNanoUsd: row.cost_nano,
  });

const orderOf =
  (by: SpendGroup) =>
  (left: SpendRow, right: SpendRow): number => {
    const byName = left.group < right.group ? -1 : Number(left.group > right.group);
    return by === 'hour' || by === 'day' ? byName : right.costNanoUsd - left.costNanoUsd || byName;
  };
