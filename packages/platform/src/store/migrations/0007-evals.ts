import type { Migration } from './migration.ts';

export const evals: Migration = async () => undefined;
