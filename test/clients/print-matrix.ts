/** One client, one API, one model, one way of asking. */
export interface Cell {
  readonly client: string;
  readonly version: string;
  readonly api: string;
  readonly model: string;
  readonly mode: string;
  readonly ok: boolean;
  readonly why?: string;
}

const MODES = ['plain', 'stream', 'tools', 'background'] as const;

/** Prints the matrix as a table of Markdown: a row per client, API and model. */
export function printMatrix(cells: readonly Cell[]): void {
  const rows = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = [cell.client, cell.version, cell.api, cell.model].join(' | ');
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  const lines = [...rows].map(([key, some]) => `| ${key} | ${MODES.map((mode) => mark(some, mode)).join(' | ')} |`);
  const passed = cells.filter((cell) => cell.ok).length;
  process.stdout.write(`\n| Client | Version | API | Model | ${MODES.join(' | ')} |\n|---|---|---|---|${MODES.map(() => '---|').join('')}\n`);
  process.stdout.write(`${lines.join('\n')}\n\n${passed} of ${cells.length} cells pass\n`);
}

function mark(cells: readonly Cell[], mode: string): string {
  const found = cells.filter((cell) => cell.mode === mode);
  if (found.length === 0) return '';
  return found.every((cell) => cell.ok) ? 'yes' : 'NO';
}
