import type { Db, Dialect } from '../database.ts';

/** One step forward of the schema; runs in a transaction on both databases. */
export type Migration = (db: Db, dialect: Dialect) => Promise<void>;
