import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { displayWidth, formatListing } from './output.ts';

describe('formatListing', () => {
  const rows = [
    { name: 'short', count: 1 },
    { name: '한국어', count: 1000 },
  ];
  const columns = [
    { title: 'name', value: (row: (typeof rows)[number]) => row.name },
    { title: 'count', value: (row: (typeof rows)[number]) => row.count, align: 'right' as const },
  ];

  it('aligns columns, also with wide characters', () => {
    const lines = formatListing({ rows, columns }, 'table').trimEnd().split('\n');

    expect(lines.map((line) => displayWidth(stripVTControlCharacters(line)))).toEqual([13, 13, 13]);
  });

  it('says when there is nothing', () => {
    expect(formatListing({ rows: [], columns, empty: 'no rows' }, 'table')).toBe('no rows\n');
  });

  it('prints the data for programs', () => {
    expect(JSON.parse(formatListing({ rows, columns }, 'json'))).toEqual(rows);
    expect(formatListing({ rows, columns, data: { a: 1 } }, 'yaml')).toBe('a: 1\n');
  });
});
