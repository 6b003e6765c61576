import type { Migration } from './migration.ts';

export const knowledge: Migration = async () => undefined;
