import type { Charge } from '@maru/api/records';
import type { Store } from '#store';

type Discount = NonNullable<Charge['discount']>;

export interface DiscountQuery {
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
}

/** What discounts of one kind have saved on one model. */
export interface DiscountRow {
  readonly for: Discount['for'];
  readonly model: string;
  readonly requests: number;
  readonly costNanoUsd: number;
  /** What would have been charged on top without them. */
  readonly savedNanoUsd: number;
}

/** Discounts of settled charges by kind and model, the largest first. */
export async function sumDiscounts({ db }: Store, { fromMs, toMs }: DiscountQuery): Promise<readonly DiscountRow[]> {
  let rows = db
    .selectFrom('charge')
    .select(['discount_for', 'model'])
    .select((eb) => [eb.fn.countAll<number>().as('requests'), eb.fn.sum<number>('cost_nano').as('cost'), eb.fn.sum<number>('discount_nano').as('saved')])
    .where('discount_for', 'is not', null)
    .groupBy(['discount_for', 'model']);
  if (fromMs !== undefined) rows = rows.where('at_ms', '>=', fromMs);
  if (toMs !== undefined) rows = rows.where('at_ms', '<', toMs);
  return (await rows.execute())
    .map((row) => ({
      for: row.discount_for as Discount['for'],
      model: row.model,
      requests: Number(row.requests),
      costNanoUsd: Number(row.cost),
      savedNanoUsd: Number(row.saved),
    }))
    .sort((left, right) => right.savedNanoUsd - left.savedNanoUsd || (left.model < right.model ? -1 : 1));
}
