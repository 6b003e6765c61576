import type { Migration } from './migration.ts';

export const pipelines: Migration = async () => undefined;
