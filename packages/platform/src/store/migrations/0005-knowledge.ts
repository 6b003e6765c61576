import { sql } from 'kysely';
import type { Migration } from './migration.ts';

export const knowledge: Migration = async (db, dialect) => {
  await db.schema
    .createTable('knowledge_base')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addColumn('error', 'text')
    .execute();
  await db.schema
    .createTable('knowledge_document')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('base', 'text', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('embedding', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('error_code', 'text')
    .addColumn('error_message', 'text')
    .addColumn('note', 'text')
    .addColumn('passages', 'integer', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('ingested_ms', 'bigint', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('knowledge_document_path').unique().on('knowledge_document').columns(['base', 'path']).execute();
  await db.schema
    .createTable('knowledge_passage')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('base', 'text', (column) => column.notNull())
    .addColumn('document_id', 'text', (column) => column.notNull())
    .addColumn('ordinal', 'integer', (column) => column.notNull())
    .addColumn('headings', 'text', (column) => column.notNull())
    .addColumn('anchor', 'text')
    .addColumn('page', 'integer')
    .addColumn('start_offset', 'integer', (column) => column.notNull())
    .addColumn('end_offset', 'integer', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('vector', dialect === 'postgres' ? 'bytea' : sql`blob`, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('knowledge_passage_document').unique().on('knowledge_passage').columns(['document_id', 'ordinal']).execute();
};
