import { PlatformError } from '@maru/api/errors';
import { stringify } from 'yaml';

const OUTPUTS = ['table', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  readonly align?: 'right';
}

/** Checks the value of `--output`. */
export function parseOutput(text: string): Output {
  if ((OUTPUTS as readonly string[]).includes(text)) return text as Output;
  throw new PlatformError('usage', { message: `--output must be one of ${OUTPUTS.join(', ')}, not "${text}"` });
}

export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** What JSON and YAML print; the rows where absent. */
  readonly data?: unknown;
  /** Said instead of an empty table. */
  readonly empty?: string;
}

/** Formats rows as a table for people, or as JSON or YAML for programs. */
export function formatListing<Row>(listing: Listing<Row>, output: Output): string {
  if (output === 'json') return `${JSON.stringify(listing.data ?? listing.rows, null, 2)}\n`;
  if (output === 'yaml') return stringify(listing.data ?? listing.rows);
  if (listing.rows.length === 0) return `${listing.empty ?? 'nothing found'}\n`;
  return formatTable(listing.rows, listing.columns);
}

function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => String(column.value(row) ?? '-')));
  const widths = columns.map((column, index) => Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))));
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, index) => pad(part, { width: widths[index] ?? 0, right: columns[index]?.align === 'right' }))
      .join('  ')
      .trimEnd();
  return `${[line(columns.map((column) => column.title.toUpperCase())), ...cells.map(line)].join('\n')}\n`;
}

const pad = (text: string, options: { width: number; right: boolean }): string => {
  const space = ' '.repeat(Math.max(0, options.width - displayWidth(text)));
  return options.right ? space + text : text + space;
};

/** Columns of a terminal: Hangul and other wide characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character) ? 2 : 1;
  return width;
}
