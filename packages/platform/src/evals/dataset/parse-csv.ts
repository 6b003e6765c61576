import { invalid, type RawRow } from './check-rows.ts';

const KNOWN = new Set(['id', 'input', 'expected', 'relevant']);

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/**
 * A table with a header line: `input` and, where there are some, `id`, `expected` and `relevant` (several are separated
 * by `;`). Every other column becomes metadata. Throws `resource_invalid` with the line.
 */
export async function parseCsv(text: string, file: string): Promise<readonly RawRow[]> {
  const { parse } = await import('csv-parse/sync');
  const options = { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true, max_record_size: 1_000_000 } as const;
  let records: readonly CsvRecord[];
  try {
    records = parse(text, options) as unknown as readonly CsvRecord[];
  } catch (cause) {
    const line = (cause as { lines?: unknown }).lines;
    throw invalid(typeof line === 'number' ? `${file}:${line}` : file, `is not valid CSV: ${(cause as Error).message}`, cause);
  }
  if (records[0] !== undefined && !('input' in records[0].record)) throw invalid(`${file}:1`, 'the header has no column "input"');
  return records.map(({ record, info }) => ({ place: `${file}:${info.lines}`, value: toRow(record) }));
}

function toRow(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const metadata = Object.fromEntries(Object.entries(record).filter(([key, value]) => !KNOWN.has(key) && value !== ''));
  const relevant = (record['relevant'] ?? '')
    .split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return {
    input: record['input'] ?? '',
    ...(record['id'] ? { id: record['id'] } : {}),
    ...(record['expected'] ? { expected: record['expected'] } : {}),
    ...(relevant.length === 0 ? {} : { relevant }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}
