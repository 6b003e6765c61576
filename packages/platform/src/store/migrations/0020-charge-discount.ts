import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** What a charge was reduced by, and why: a batch, or an answer out of a cache. Earlier charges do not say it. */
export const chargeDiscount: Migration = async (db) => {
  await db.schema.alterTable('charge').addColumn('discount_for', 'text').execute();
  await db.schema.alterTable('charge').addColumn('discount_nano', 'bigint').execute();
  // Few charges have one: their sums must not read all the others.
  await db.schema.createIndex('charge_discount').on('charge').column('at_ms').where(sql.ref('discount_for'), 'is not', null).execute();
};
