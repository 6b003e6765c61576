import type { Migration } from './migration.ts';

export const traces: Migration = async () => undefined;
