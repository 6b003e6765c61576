import { PlatformError } from '@maru/api/errors';
import { type DatasetRow, datasetRowSchema } from '@maru/api/resources';

/** A row of a dataset that has an id. */
export type CheckedRow = DatasetRow & { readonly id: string };

/** A value that should be a row, with the place that an error names. */
export interface RawRow {
  readonly place: string;
  readonly value: unknown;
}

const MAX_ROWS = 100_000;

/** Checks rows and gives those without an id their number. Throws `resource_invalid` with the place of the first mistake. */
export function checkRows(rows: readonly RawRow[], source: string): readonly CheckedRow[] {
  if (rows.length === 0) throw invalid(source, 'the dataset has no rows');
  if (rows.length > MAX_ROWS) throw invalid(source, `the dataset has ${rows.length} rows; at most ${MAX_ROWS} are allowed`);
  const places = new Map<string, string>();
  return rows.map(({ place, value }, index) => {
    const parsed = datasetRowSchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw invalid(place, `${issue?.path.join('.') || 'the row'}: ${issue?.message ?? 'is not valid'}`);
    }
    const id = parsed.data.id ?? String(index + 1);
    const earlier = places.get(id);
    if (earlier !== undefined) throw invalid(place, `the id "${id}" is used already at ${earlier}`);
    places.set(id, place);
    return { ...parsed.data, id };
  });
}

export const invalid = (place: string, problem: string, cause?: unknown): PlatformError =>
  new PlatformError('resource_invalid', { message: `${place}: ${problem}`, ...(cause === undefined ? {} : { cause }) });
