import { sql } from 'kysely';
import type { Store } from '#store';
import { dayOf } from './budget-window.ts';

export interface AccountSpendQuery {
  /** Ids of accounts, or `key/ID`; all of one kind with `prefix`. */
  readonly ids?: readonly string[] | undefined;
  /** Begins the ids that are wanted, such as `tag/` or `end-user/`. */
  readonly prefix?: string | undefined;
  /** Widened to whole days (UTC). */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  /** Splits the sums further. */
  readonly by?: readonly ('day' | 'model' | 'provider')[] | undefined;
}

export interface AccountSpendRow {
  readonly id: string;
  readonly dayMs?: number;
  readonly model?: string;
  readonly provider?: string;
  readonly requests: number;
  readonly errors: number;
  /** Charges without a known price, which `costNanoUsd` does not contain. */
  readonly unpriced: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costNanoUsd: number;
}

const DAY_MS = 86_400_000;
const COLUMNS = { day: 'day_ms', model: 'model', provider: 'provider' } as const;
const SUMS = ['requests', 'errors', 'unpriced', 'prompt_tokens', 'completion_tokens', 'cost_nano'] as const;

/** What accounts have spent, everything below them included; in the order of their ids. */
export async function sumAccountSpend(store: Store, query: AccountSpendQuery): Promise<readonly AccountSpendRow[]> {
  if (query.ids?.length === 0) return [];
  const groups = [...new Set((query.by ?? []).map((by) => COLUMNS[by]))];
  let rows = store.db
    .selectFrom('account_spend')
    .select('account_id')
    .select(groups)
    .select(SUMS.map((name) => sql<number>`coalesce(sum(${sql.ref(name)}), 0)`.as(name)))
    .groupBy(['account_id', ...groups])
    .orderBy('account_id');
  for (const group of groups) rows = rows.orderBy(group);
  if (query.ids !== undefined) rows = rows.where('account_id', 'in', query.ids);
  if (query.prefix !== undefined) rows = rows.where(sql<string>`substr(account_id, 1, ${sql.lit(query.prefix.length)})`, '=', query.prefix);
  if (query.fromMs !== undefined) rows = rows.where('day_ms', '>=', dayOf(query.fromMs));
  if (query.toMs !== undefined) rows = rows.where('day_ms', '<', dayOf(query.toMs + DAY_MS - 1));
  return (await rows.execute()).map((row) => ({
    id: row.account_id,
    ...('day_ms' in row ? { dayMs: Number(row.day_ms) } : {}),
    ...('model' in row ? { model: String(row.model) } : {}),
    ...('provider' in row ? { provider: String(row.provider) } : {}),
    requests: row.requests,
    errors: row.errors,
    unpriced: row.unpriced,
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    costNanoUsd: row.cost_nano,
  }));
}
