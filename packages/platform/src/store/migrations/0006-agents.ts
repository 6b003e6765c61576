import type { Migration } from './migration.ts';

export const agents: Migration = async () => undefined;
