/** One line of the text format of Prometheus. */
export interface Sample {
  /** With `_` in place of `:`, since exporters on the way exchange them. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(?:,|$)/y;
const MAX_LINES = 200_000;

/** Samples with one of these names; lines that can not be read are counted. Never throws. */
export function parseMetrics(text: string, names: ReadonlySet<string>): { readonly samples: readonly Sample[]; readonly broken: number } {
  const samples: Sample[] = [];
  let broken = 0;
  let start = 0;
  for (let line = 0; line < MAX_LINES && start < text.length; line += 1) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    if (text[start] !== '#') {
      const found = parseLine(text.slice(start, end).trim(), names);
      if (found === 'broken') broken += 1;
      else if (found !== undefined) samples.push(found);
    }
    start = end + 1;
  }
  return { samples, broken };
}

function parseLine(line: string, names: ReadonlySet<string>): Sample | 'broken' | undefined {
  if (line === '') return undefined;
  const written = NAME.exec(line)?.[0];
  if (written === undefined) return 'broken';
  const name = written.replaceAll(':', '_');
  if (!names.has(name)) return undefined;
  const rest = line.slice(written.length).trimStart();
  const close = rest.startsWith('{') ? rest.lastIndexOf('}') : -1;
  if (rest.startsWith('{') && close < 0) return 'broken';
  const labels = close < 0 ? {} : parseLabels(rest.slice(1, close));
  const [number] = rest
    .slice(close + 1)
    .trim()
    .split(/\s+/, 1);
  const value = parseValue(number ?? '');
  return labels === undefined || value === undefined ? 'broken' : { name, labels, value };
}

function parseLabels(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const match = LABEL.exec(text);
    if (match === null) return text.slice(at).trim() === '' ? labels : undefined;
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character));
  }
  return labels;
}

function parseValue(text: string): number | undefined {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined;
}
