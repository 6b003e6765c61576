import { invalid, type RawRow } from './check-rows.ts';

/** One JSON object per line; empty lines are skipped. Throws `resource_invalid` with the line. */
export function parseJsonl(text: string, file: string): readonly RawRow[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => (line.trim() === '' ? [] : [{ place: `${file}:${index + 1}`, value: parseLine(line, `${file}:${index + 1}`) }]));
}

function parseLine(line: string, place: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw invalid(place, `is not valid JSON: ${(cause as Error).message}`, cause);
  }
}
