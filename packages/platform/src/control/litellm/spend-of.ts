import { nanoToUsd } from '@maru/api/records';
import type { LitellmPorts } from './ports.ts';

/** What each owner has spent, in dollars: ids of accounts, or `key/ID`. */
export async function spendOf(ledger: LitellmPorts['ledger'], ids: readonly string[]): Promise<(id: string) => number> {
  const rows = ids.length === 0 ? [] : (await Promise.all(chunksOf(ids).map((part) => ledger.accountSpend({ ids: part })))).flat();
  const spent = new Map(rows.map((row) => [row.id, nanoToUsd(row.costNanoUsd)]));
  return (id) => spent.get(id) ?? 0;
}

/** A statement takes only so many values. */
function chunksOf(ids: readonly string[]): readonly (readonly string[])[] {
  const chunks: (readonly string[])[] = [];
  for (let from = 0; from < ids.length; from += 400) chunks.push(ids.slice(from, from + 400));
  return chunks;
}
