import { promptTokens, ZERO_USAGE } from '@maru/api/records';
import type { Savings } from '@maru/api/wire';
import type { TimeRange } from '#control';
import type { Ledger, SpendRow } from '#ledger';
import type { Registry } from '#resources';
import type { CacheSavings } from '../cache-savings.ts';
import { priceQueryOf } from '../ledger-ports.ts';

interface SavingsRooms {
  readonly ledger: Pick<Ledger, 'spend' | 'priceOf' | 'discounts'>;
  readonly registry: Pick<Registry, 'get'>;
  readonly cacheSavings: CacheSavings;
}

/** Money that caches and batches have saved, and the calls without a price. */
export async function readSavings(rooms: SavingsRooms, range: TimeRange): Promise<Savings> {
  const rows = await rooms.ledger.spend({ by: 'model', ...range });
  const tokens = rows.reduce((sum, row) => sum + row.usage.cacheReadTokens, 0);
  const prompt = rows.reduce((sum, row) => sum + promptTokens(row.usage), 0);
  return {
    ...range,
    promptCache: { tokens, share: prompt === 0 ? null : tokens / prompt, savedNanoUsd: prefixSavingsNano(rooms, rows) },
    answerCache: { sinceMs: rooms.cacheSavings.sinceMs, rows: rooms.cacheSavings.read(range).map((row) => ({ ...row })) },
    batches: (await rooms.ledger.discounts(range)).flatMap(({ for: why, ...row }) => (why === 'batch' ? [row] : [])),
    unpriced: rows
      .filter((row) => row.unpriced > 0)
      .map((row) => ({ model: row.group, requests: row.unpriced }))
      .sort((left, right) => right.requests - left.requests),
  };
}

/** What the tokens that came out of a prefix cache would have cost more as fresh ones, at the prices of now. */
export function prefixSavingsNano({ ledger, registry }: Pick<SavingsRooms, 'ledger' | 'registry'>, byModel: readonly SpendRow[]): number {
  let nano = 0;
  for (const row of byModel) {
    const model = registry.get('Model', row.group);
    if (model === undefined || row.usage.cacheReadTokens === 0) continue;
    const query = priceQueryOf(model);
    const fresh = ledger.priceOf({ ...ZERO_USAGE, inputTokens: row.usage.cacheReadTokens }, query).costNanoUsd;
    const cached = ledger.priceOf({ ...ZERO_USAGE, cacheReadTokens: row.usage.cacheReadTokens }, query).costNanoUsd;
    if (fresh !== null && cached !== null) nano += fresh - cached;
  }
  return nano;
}
