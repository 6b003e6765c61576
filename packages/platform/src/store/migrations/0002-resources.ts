import type { Migration } from './migration.ts';

export const resources: Migration = async () => undefined;
