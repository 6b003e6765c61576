import { describe, expect, it } from 'vitest';
import { splitStatements } from './split-statements.ts';

const textsOf = (text: string): string[] => splitStatements(text).map((statement) => statement.text);

describe('splitStatements', () => {
  it('keeps a command of one or two lines, each by itself', () => {
    expect(textsOf('Start it:\n\n```sh\nnpm ci\nnpm start\n```\n\nIt serves.')).toEqual(['Start it:', 'npm ci', 'npm start', 'It serves.']);
  });

  it('leaves a longer listing out', () => {
    expect(textsOf('Like this:\n\n```yaml\na: 1\nb: 2\nc: 3\n```\n\nThat is all.')).toEqual(['Like this:', 'That is all.']);
  });

  it('leaves a listing out that a passage cuts off', () => {
    expect(textsOf('Like this:\n\n```yaml\na: 1\nb: 2')).toEqual(['Like this:']);
  });

  it('marks headings, and writes rows of tables out with the names of their columns', () => {
    expect(splitStatements('# Title\n\n| GPU | Memory |\n|---|---|\n| L4 | 24 GB |')).toEqual([
      { text: 'Title', isHeading: true },
      { text: 'GPU: L4; Memory: 24 GB', isHeading: false },
    ]);
  });
});
