import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Db } from '#store';

export type Tables = Db extends Kysely<infer AllTables> ? AllTables : never;
export type Connection = Db | Transaction<Tables>;
export type TraceRow = Selectable<Tables['trace']>;
export type ScoreRow = Selectable<Tables['score']>;
