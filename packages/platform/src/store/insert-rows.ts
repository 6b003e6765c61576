import { CompiledQuery, type Insertable, type Kysely, type Transaction } from 'kysely';
import type { Dialect } from './database.ts';
import type { Tables } from './tables/index.ts';

/** Rows of one statement. Few sizes, so that the database has met nearly every statement before. */
const BLOCKS = [32, 8, 1] as const;

export interface InsertRows<Table extends keyof Tables> {
  readonly table: Table;
  /** All with the fields of the first. */
  readonly rows: readonly Insertable<Tables[Table]>[];
  /** SQL behind the values, without parameters: `on conflict do nothing returning "id"`. */
  readonly suffix?: string;
}

/**
 * Inserts many rows in statements whose text is made once: building and compiling them anew costs more than running them.
 * For rooms that write several rows for each request; the names are the caller's own, never a person's.
 * Returns what `returning` asks for.
 */
export async function insertRows<Table extends keyof Tables>(
  db: Kysely<Tables> | Transaction<Tables>,
  dialect: Dialect,
  insert: InsertRows<Table>,
): Promise<Record<string, unknown>[]> {
  const columns = Object.keys(insert.rows[0] ?? {});
  const returned: Record<string, unknown>[] = [];
  let from = 0;
  while (from < insert.rows.length) {
    const size = BLOCKS.find((block) => block <= insert.rows.length - from) ?? 1;
    const parameters: unknown[] = [];
    for (const row of insert.rows.slice(from, from + size)) for (const column of columns) parameters.push((row as Record<string, unknown>)[column] ?? null);
    const result = await db.executeQuery<Record<string, unknown>>(
      CompiledQuery.raw(textOf({ dialect, table: insert.table, columns, size, suffix: insert.suffix ?? '' }), parameters),
    );
    for (const row of result.rows) returned.push(row);
    from += size;
  }
  return returned;
}

const texts = new Map<string, string>();

interface Statement {
  readonly dialect: Dialect;
  readonly table: string;
  readonly columns: readonly string[];
  readonly size: number;
  readonly suffix: string;
}

function textOf({ dialect, table, columns, size, suffix }: Statement): string {
  const key = `${dialect} ${size} ${table} ${columns.join()} ${suffix}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  let place = 0;
  const parameter = (): string => {
    place += 1;
    return dialect === 'postgres' ? `$${place}` : '?';
  };
  const values = Array.from({ length: size }, () => `(${columns.map(parameter).join(', ')})`);
  const text = `insert into "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) values ${values.join(', ')} ${suffix}`.trimEnd();
  texts.set(key, text);
  return text;
}
