import { PlatformError } from '@maru/api/errors';
import { type CheckedRow, checkRows } from './check-rows.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJsonl } from './parse-jsonl.ts';

export type DatasetSource =
  | { readonly rows: readonly unknown[] }
  /** The text of a file; its name decides the format (`.jsonl`, `.ndjson` or `.csv`) and stands in error messages. */
  | { readonly text: string; readonly file: string };

/** The rows of a dataset, checked and each with an id. Throws `resource_invalid` (with file and line) or `unsupported_media_type`. */
export async function parseDataset(source: DatasetSource): Promise<readonly CheckedRow[]> {
  if ('rows' in source)
    return checkRows(
      source.rows.map((value, index) => ({ place: `rows[${index}]`, value })),
      'rows',
    );
  if (/\.(jsonl|ndjson)$/i.test(source.file)) return checkRows(parseJsonl(source.text, source.file), source.file);
  if (/\.csv$/i.test(source.file)) return checkRows(await parseCsv(source.text, source.file), source.file);
  throw new PlatformError('unsupported_media_type', { message: `${source.file}: a dataset file must end in .jsonl, .ndjson or .csv` });
}
