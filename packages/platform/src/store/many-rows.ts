import { CompiledQuery } from 'kysely';

/** A value as both databases take it. */
export type SqlValue = string | number | null;
/** Values in the order in which a statement names them. */
export type SqlRow = readonly SqlValue[];

/** A query of an embedded database that runs for each of its rows in turn: no way to a server, nothing to save by joining them. */
export class ManyRows implements CompiledQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[] = [];
  readonly rows: readonly SqlRow[];
  readonly query: CompiledQuery['query'];
  readonly queryId: CompiledQuery['queryId'];

  constructor(sql: string, rows: readonly SqlRow[]) {
    const { query, queryId } = CompiledQuery.raw(sql);
    this.sql = sql;
    this.rows = rows;
    this.query = query;
    this.queryId = queryId;
  }
}
