/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Marks points that must not be read like the others. */
  readonly hollow?: readonly boolean[];
  /** No dots at the points where false; few points have them otherwise. */
  readonly dots?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** A logarithmic axis for values over several powers of ten. */
  readonly logX?: boolean;
  readonly percentY?: boolean;
  /** The axis begins here; at the least value where absent. */
  readonly fromY?: number;
  /** Values of x at which something happened: a line from top to bottom. */
  readonly marks?: readonly number[];
}

const WIDTH = 460;
const HEIGHT = 270;
const BOX = { left: 56, right: 12, top: 30, bottom: 42 };
const TICKS = 5;

/** An SVG picture of lines; colours are the classes `s0` to `s9` of the page. */
export function svgChart(chart: Chart): string {
  const all = chart.series.flatMap(({ points }) => points);
  if (all.length === 0) return '';
  const xs = range(all.map(([x]) => (chart.logX === true ? Math.log10(Math.max(x, 1e-3)) : x)));
  const spanY = range(all.map(([, y]) => y));
  const ys = { low: chart.fromY ?? spanY.low, high: Math.max(spanY.high, (chart.fromY ?? 0) + 1e-9) };
  const left = (x: number): number => BOX.left + share(chart.logX === true ? Math.log10(Math.max(x, 1e-3)) : x, xs) * (WIDTH - BOX.left - BOX.right);
  const top = (y: number): number => HEIGHT - BOX.bottom - share(y, ys) * (HEIGHT - BOX.top - BOX.bottom);
  const label = (y: number): string => (chart.percentY === true ? `${shortNumber(y * 100)}%` : shortNumber(y));
  const grid = steps(ys, chart.percentY === true ? 0.01 : 0).map(
    (y) =>
      `<line class="grid" x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${fix(top(y))}" y2="${fix(top(y))}"/><text class="tick" x="${BOX.left - 6}" y="${fix(top(y) + 4)}" text-anchor="end">${label(y)}</text>`,
  );
  const bottoms = (chart.logX === true ? powers(xs) : steps(xs, 0)).map(
    (x) => `<text class="tick" x="${fix(left(x))}" y="${HEIGHT - BOX.bottom + 16}" text-anchor="middle">${shortNumber(x)}</text>`,
  );
  const lines = chart.series.map((series, index) => {
    const path = series.points.map(([x, y], number) => `${number === 0 ? 'M' : 'L'}${fix(left(x))} ${fix(top(y))}`).join('');
    const dots =
      series.points.length > 30 || series.dots === false
        ? ''
        : series.points
            .map(
              ([x, y], number) =>
                `<circle class="${series.hollow?.[number] === true ? 'hollow ' : ''}s${index % 10}" cx="${fix(left(x))}" cy="${fix(top(y))}" r="3.2"/>`,
            )
            .join('');
    return `<path class="line s${index % 10}" d="${path}"/>${dots}`;
  });
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(chart.title)}">`,
    `<text class="title" x="${BOX.left}" y="18">${escapeHtml(chart.title)}</text>`,
    ...grid,
    ...bottoms,
    `<text class="axis" x="${(WIDTH + BOX.left) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(chart.x)}</text>`,
    `<text class="axis" transform="translate(12 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(chart.y)}</text>`,
    ...(chart.marks ?? []).map((x) => `<line class="notice" x1="${fix(left(x))}" x2="${fix(left(x))}" y1="${BOX.top}" y2="${HEIGHT - BOX.bottom}"/>`),
    ...lines,
    '</svg>',
  ].join('');
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** At most three digits that matter, with k for thousands. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return `${Math.round(value / 1000)}k`;
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function range(values: readonly number[]): Range {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? { low: low - (Math.abs(low) / 2 || 0.5), high: high + (Math.abs(high) / 2 || 0.5) } : { low, high };
}

const share = (value: number, { low, high }: Range): number => Math.min(1, Math.max(0, (value - low) / (high - low)));

/** Round numbers within the range: 1, 2 or 5 times a power of ten apart, and not less than `least`. */
function steps({ low, high }: Range, least: number): readonly number[] {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10) * power);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

const powers = ({ low, high }: Range): readonly number[] =>
  Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, index) => 10 ** (Math.ceil(low) + index));

const fix = (value: number): string => value.toFixed(1);
