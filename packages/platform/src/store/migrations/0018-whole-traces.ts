import type { Migration } from './migration.ts';

/** A trace that came whole keeps its spans in its own row; indexes hold only rows that they can be asked for. */
export const wholeTraces: Migration = async (db) => {
  await db.schema.alterTable('trace').addColumn('own_spans', 'text').execute();
  await db.schema
    .alterTable('trace')
    .addColumn('facets', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.dropIndex('trace_by_session').execute();
  await db.schema.dropIndex('trace_by_user').execute();
  await db.schema.createIndex('trace_by_session').on('trace').columns(['session', 'start_us']).where('session', 'is not', null).execute();
  await db.schema.createIndex('trace_by_user').on('trace').columns(['user_id', 'start_us']).where('user_id', 'is not', null).execute();
};
