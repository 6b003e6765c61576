/** One thing that a text says: a sentence, an item of a list, a row of a table, or a line of code. */
export interface Statement {
  readonly text: string;
  /** A heading or the name line of a table: shows the way, answers nothing. */
  readonly isHeading: boolean;
}

const MAX_STATEMENTS = 2000;

/** A command of a line or two answers a question; a longer listing is no sentence, and quoting it helps nobody. */
const MAX_CODE_LINES = 2;

/** Cuts Markdown or plain text into statements in their order; rows of tables are written out with the names of their columns. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let paragraph: string[] = [];
  let columns: string[] | undefined;
  let code: string[] | undefined;
  const add = (line: string, isHeading = false): void => {
    const plain = plainLine(line);
    if (plain !== '' && statements.length < MAX_STATEMENTS) statements.push({ text: plain, isHeading });
  };
  const flush = (): void => {
    const [first = '', second] = paragraph;
    // Plain text has no marks for headings: a short line above a longer one, without a full stop, is one.
    if (second !== undefined && first.length <= 60 && !/[.!?:;,。]$/.test(first) && second.length > first.length * 1.3) add(paragraph.shift() ?? '', true);
    for (const sentence of splitSentences(paragraph.join(' '))) add(sentence);
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('```')) {
      flush();
      if (code !== undefined && code.length <= MAX_CODE_LINES) for (const command of code) add(command);
      code = code === undefined ? [] : undefined;
      continue;
    }
    if (code !== undefined) {
      if (trimmed !== '') code.push(trimmed);
      continue;
    }
    const isRow = /^\|.*\|$/.test(trimmed);
    if (!isRow) columns = undefined;
    if (trimmed === '') flush();
    else if (/^#{1,6}\s/.test(trimmed)) {
      flush();
      add(trimmed.replace(/^#+\s*/, ''), true);
    } else if (isRow) {
      flush();
      const cells = trimmed
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      if (cells.every((cell) => /^:?-*:?$/.test(cell))) continue;
      if (columns === undefined) columns = cells;
      else add(describeRow(columns, cells));
    } else if (/^(?:[-*•+]|\d{1,3}[.)])\s/.test(trimmed)) {
      flush();
      paragraph.push(trimmed.replace(/^(?:[-*•+]|\d{1,3}[.)])\s+/, ''));
    } else paragraph.push(trimmed);
  }
  flush();
  return statements;
}

/** Sentences of English, Korean, Chinese and Japanese; a dot in a number, a name or an abbreviation ends nothing. */
export function splitSentences(text: string): string[] {
  return text
    .replace(/([.!?]["')\]]*)\s+(?=["'([]?[\p{Lu}\p{N}\p{Script=Hangul}\p{Script=Han}`])/gu, '$1\n')
    .replace(/([。！？])/gu, '$1\n')
    .replace(/\b(e\.g|i\.e|etc|vs|cf|approx|No|Fig)\.\n/g, '$1. ')
    .split('\n')
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function describeRow(columns: readonly string[], cells: readonly string[]): string {
  return cells
    .map((cell, index) => (cell === '' ? '' : `${columns[index] === undefined || columns[index] === '' ? '' : `${columns[index]}: `}${cell}`))
    .filter(Boolean)
    .join('; ');
}

function plainLine(line: string): string {
  return line
    .replace(/\*\*|__|`/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^>\s*/, '')
    .replace(/\s+/g, ' ')
    .trim();
}
