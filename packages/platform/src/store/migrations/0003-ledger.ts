import type { Migration } from './migration.ts';

export const ledger: Migration = async () => undefined;
