import type { Estimate } from '../seed-statistics.ts';
import { rowName, type SweepMeasure, type SweepRow } from '../sweep-rows.ts';
import { percent } from './percent.ts';
import { escapeHtml } from './svg-chart.ts';

/** The figures of all rows, and how they differ from the first one. */
export const resultTables = (rows: readonly SweepRow[]): string => `<div class="scroll">${resultTable(rows)}</div>${deltaTable(rows)}`;

const COLUMNS: readonly (readonly [title: string, measure: SweepMeasure, format: (value: number) => string])[] = [
  ['requests/s', 'offeredPerS', (value) => value.toFixed(2)],
  ['refused', 'refusedShare', (value) => percent(value)],
  ['goodput', 'withinSlo', (value) => percent(value)],
  ['ttft mean ms', 'ttftMeanMs', (value) => value.toFixed(0)],
  ['ttft p95 ms', 'ttftP95Ms', (value) => value.toFixed(0)],
  ['itl ms', 'itlMeanMs', (value) => value.toFixed(1)],
  ['hit rate', 'hitRate', (value) => percent(value)],
  ['imbalance', 'imbalance', (value) => value.toFixed(2)],
  ['tokens/s', 'outputTokensPerS', (value) => value.toFixed(0)],
  ['$/1M tokens', 'usdPerMillionTokens', (value) => value.toFixed(3)],
];
/** Shown where one of the rows has them. */
const MORE_COLUMNS: typeof COLUMNS = [
  ['GPU-hours', 'gpuHours', (value) => value.toFixed(2)],
  ['waited', 'waitedShare', (value) => percent(value)],
  ['wait ms', 'waitMeanMs', (value) => value.toFixed(0)],
  ['wait p95 ms', 'waitP95Ms', (value) => value.toFixed(0)],
  ['fairness', 'fairness', (value) => value.toFixed(2)],
];

function resultTable(rows: readonly SweepRow[]): string {
  const columns = [...COLUMNS, ...MORE_COLUMNS.filter(([, measure]) => rows.some(({ values }) => values[measure] !== undefined))];
  const sheds = rows.some(({ sample }) => sample.flow !== undefined);
  const lines = rows.map((row) => {
    const cells = columns.map(([, measure, format]) => `<td>${cell(row.values[measure], format)}</td>`).join('') + (sheds ? `<td>${shedText(row)}</td>` : '');
    return `<tr${row.collapsed ? ' class="collapsed"' : ''}><td>${escapeHtml(rowName(row))}${row.collapsed ? ' <span class="flag">collapsed</span>' : ''}</td>${cells}</tr>`;
  });
  return `<table><thead><tr><th>policy</th>${[...columns.map(([title]) => title), ...(sheds ? ['shed'] : [])].map((title) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** By reason, with the first seed. */
const shedText = ({ sample }: SweepRow): string =>
  escapeHtml(
    Object.entries(sample.flow?.shed ?? {})
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', '),
  ) || '–';

/** Differences to the first policy of the sweep. */
function deltaTable(rows: readonly SweepRow[]): string {
  const [baseline] = rows;
  if (baseline === undefined) return '';
  const others = rows.filter((row) => rowName(row) !== rowName(baseline));
  if (others.length === 0) return '';
  const measures = COLUMNS.filter(([, measure]) => ['withinSlo', 'ttftMeanMs', 'ttftP95Ms', 'itlMeanMs', 'usdPerMillionTokens'].includes(measure));
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${percent(value)}`;
  const lines = others.map((row) => {
    const against = rows.find((each) => rowName(each) === rowName(baseline) && each.rateScale === row.rateScale);
    const flag = against?.collapsed === true ? ' <span class="flag">baseline collapsed</span>' : '';
    return `<tr><td>${escapeHtml(rowName(row))}${flag}</td><td>${(row.values.offeredPerS?.mean ?? 0).toFixed(2)}</td>${measures.map(([, measure]) => `<td>${cell(row.deltas[measure], signed)}</td>`).join('')}</tr>`;
  });
  return `<h2>Against ${escapeHtml(rowName(baseline))}</h2><div class="scroll"><table><thead><tr><th>policy</th><th>requests/s</th>${measures.map(([title]) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

const cell = (value: Estimate | undefined, format: (value: number) => string): string =>
  value === undefined
    ? '–'
    : `${format(value.mean)}${value.plusMinus === null || value.plusMinus === 0 ? '' : ` <span class="pm">± ${format(value.plusMinus).replace('+', '')}</span>`}`;
