import { CompiledQuery } from 'kysely';
import type { Db, Dialect } from './database.ts';
import { ManyRows, type SqlRow } from './many-rows.ts';

/** Runs one statement for many rows, and returns what it answers; part of a transaction, or a failure leaves some of them done. */
export type RunRows<Row extends SqlRow, Result> = (db: Db, dialect: Dialect, rows: readonly Row[]) => Promise<readonly Result[]>;

export interface RowStatement {
  /** A place for each value of a row; with an SQL type where PostgreSQL can not tell it by itself, and empty where it can. */
  readonly places: readonly string[];
  /** The statement around its values, `(?, ?), (?, ?)`; for several rows it does what it does for one after the other. */
  readonly text: (values: string) => string;
}

/** Rows of one statement on PostgreSQL. Few sizes, so that the database has met nearly every statement before. */
const BLOCKS = [64, 16, 4, 1] as const;

/**
 * Prepares a statement for many rows: its texts are made once, and a row is a list of values that nobody looks up by name. Building and
 * compiling statements anew costs more than running them. The text is the caller's own, never a person's.
 */
export function prepareRows<Row extends SqlRow, Result>({ places, text }: RowStatement): RunRows<Row, Result> {
  const texts = new Map<number, string>();
  let each: string | undefined;
  const blockText = (size: number): string => {
    const known = texts.get(size);
    if (known !== undefined) return known;
    const made = text(Array.from({ length: size }, (_, row) => numbered(places, row * places.length)).join(', '));
    texts.set(size, made);
    return made;
  };
  return async (db, dialect, rows) => {
    if (rows.length === 0) return [];
    if (dialect === 'sqlite') {
      each ??= text(`(${places.map((cast) => (cast === '' ? '?' : `cast(? as ${cast})`)).join(', ')})`);
      return (await db.executeQuery<Result>(new ManyRows(each, rows))).rows;
    }
    const results: Result[] = [];
    for (let from = 0; from < rows.length; ) {
      const size = BLOCKS.find((block) => block <= rows.length - from) ?? 1;
      const { rows: some } = await db.executeQuery<Result>(CompiledQuery.raw(blockText(size), rows.slice(from, from + size).flat()));
      for (const row of some) results.push(row);
      from += size;
    }
    return results;
  };
}

const numbered = (places: readonly string[], before: number): string =>
  `(${places.map((cast, index) => (cast === '' ? `$${before + index + 1}` : `cast($${before + index + 1} as ${cast})`)).join(', ')})`;
