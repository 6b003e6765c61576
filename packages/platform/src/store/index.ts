export { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
export { type Db, type Dialect, type OpenStoreOptions, openStore, type Store } from './database.ts';
export { type InsertRows, insertRows } from './insert-rows.ts';
export { createLeases, type Lease, type Leases } from './lease.ts';
export { migrateStore } from './migrate.ts';
export { MIGRATIONS } from './migrations/index.ts';
export { type ForeignDatabase, openForeignPostgres } from './query-postgres.ts';
export { type OpenRedisOptions, openRedis, type Redis } from './redis.ts';
export { type OpenSpoolOptions, openSpool, type Spool, type SpoolHandler } from './spool.ts';
