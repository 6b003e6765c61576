import type { SqlValue } from './many-rows.ts';
import { prepareRows, type RunRows } from './run-rows.ts';
import type { Tables } from './tables/index.ts';

type Column<Table extends keyof Tables> = keyof Tables[Table] & string;

/** The values of a row in the order of its columns. */
export type RowOf<Table extends keyof Tables, Columns extends readonly Column<Table>[]> = {
  readonly [Index in keyof Columns]: Extract<Tables[Table][Columns[Index]], SqlValue>;
};

export interface InsertStatement<Table extends keyof Tables, Columns extends readonly Column<Table>[], Returned extends Column<Table>> {
  readonly table: Table;
  readonly columns: Columns;
  /** What happens to a row whose key is there already; without it the statement fails with `conflict`. */
  readonly onConflict?: 'keep' | MergeRow<Table>;
  /** Columns that are answered for every row that was written. */
  readonly returning?: readonly Returned[];
}

interface MergeRow<Table extends keyof Tables> {
  /** The key. Rows that are given together must differ in it. */
  readonly key: readonly Column<Table>[];
  /** Columns whose values are added to those that are there. */
  readonly add: readonly Column<Table>[];
}

/** Prepares an insert of many rows; see {@link prepareRows}. */
export function prepareInsert<Table extends keyof Tables, const Columns extends readonly Column<Table>[], Returned extends Column<Table> = never>(
  insert: InsertStatement<Table, Columns, Returned>,
): RunRows<RowOf<Table, Columns>, Pick<Tables[Table], Returned>> {
  const { table, columns, onConflict, returning = [] } = insert;
  const merge =
    onConflict === undefined
      ? ''
      : onConflict === 'keep'
        ? ' on conflict do nothing'
        : ` on conflict (${quoted(onConflict.key)}) do update set ${onConflict.add.map((name) => `"${name}" = "${table}"."${name}" + excluded."${name}"`).join(', ')}`;
  const answer = returning.length === 0 ? '' : ` returning ${quoted(returning)}`;
  return prepareRows({
    places: columns.map(() => ''),
    text: (values) => `insert into "${table}" (${quoted(columns)}) values ${values}${merge}${answer}`,
  });
}

const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
