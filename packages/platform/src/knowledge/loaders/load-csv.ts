import { extname } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { decodeText } from './decode-text.ts';
import type { Loader, Section } from './loaded-document.ts';
import { titleOfPath } from './title-of-path.ts';

const MAX_ROWS = 100_000;

/** CSV and TSV: each row becomes a line `name: value; name: value`, so that a passage can be read without its table. */
export const loadCsv: Loader = async ({ path, bytes }) => {
  const { parse } = await import('csv-parse/sync');
  const decoded = decodeText(path, bytes);
  const delimiter = extname(path).toLowerCase() === '.tsv' ? '\t' : guessDelimiter(decoded.text);
  const records = parseRecords(path, () =>
    parse(decoded.text, { delimiter, relaxColumnCount: true, skipEmptyLines: true, trim: true, to: MAX_ROWS + 1, maxRecordSize: 1_000_000, bom: true }),
  );
  const [names, ...rows] = records;
  if (names === undefined) return { title: titleOfPath(path), text: '', sections: [], rows: true };
  if (rows.length >= MAX_ROWS)
    throw new PlatformError('document_too_large', { message: `${path} has more than ${MAX_ROWS} rows: split it`, details: { path } });
  let text = '';
  const sections: Section[] = rows.map((cells, index) => {
    const start = text.length;
    text += `${describeRow(names, cells)}\n`;
    return { start, end: text.length, headings: [`row ${index + 1}`] };
  });
  return { title: titleOfPath(path), text, sections, rows: true, ...(decoded.note === undefined ? {} : { note: decoded.note }) };
};

function parseRecords(path: string, parse: () => unknown): string[][] {
  try {
    return parse() as string[][];
  } catch (cause) {
    throw new PlatformError('document_unreadable', { message: `${path} is not valid CSV: ${(cause as Error).message}`, cause, details: { path } });
  }
}

function describeRow(names: readonly string[], cells: readonly string[]): string {
  return cells
    .map((cell, index) => (cell === '' ? '' : `${names[index] ?? `column ${index + 1}`}: ${cell.replace(/\s+/g, ' ')}`))
    .filter((part) => part !== '')
    .join('; ');
}

function guessDelimiter(text: string): string {
  const line = text.slice(0, Math.max(0, text.indexOf('\n'))) || text;
  const count = (mark: string): number => line.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best), ',');
}
