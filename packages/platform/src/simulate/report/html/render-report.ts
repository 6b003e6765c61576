import type { Estimate } from '../seed-statistics.ts';
import type { SweepMeasure, SweepRow } from '../sweep-rows.ts';
import { REPORT_STYLE } from './style.ts';
import { type Chart, escapeHtml, type Series, svgChart } from './svg-chart.ts';

/** What stands above the figures. */
export interface ReportHead {
  readonly title: string;
  /** What was simulated and how, one fact a line. */
  readonly facts: readonly string[];
}

/** One page with plots and tables of a sweep; it needs no network, no script and no other file. */
export function renderReport(rows: readonly SweepRow[], head: ReportHead): string {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  const fleets = [...Map.groupBy(rows, ({ replicas, kvBlocks }) => `${replicas} replicas${kvBlocks === 0 ? '' : `, ${kvBlocks} KV blocks each`}`)];
  const legend = policies.map((policy, index) => `<li><i class="s${index % 10}"></i>${escapeHtml(policy)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(head.title)}</title><style>${REPORT_STYLE}</style></head>
<body><h1>${escapeHtml(head.title)}</h1>
<ul>${head.facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')}</ul>
<ul class="legend">${legend}</ul>
${fleets.map(([name, fleet]) => `<h2>${escapeHtml(name)}</h2>${fleetSection(fleet, policies)}`).join('\n')}
</body></html>
`;
}

function fleetSection(rows: readonly SweepRow[], policies: readonly string[]): string {
  const charts = [...loadCharts(rows, policies), ...ttftCharts(rows, policies)].map(svgChart).join('');
  return `<div class="charts">${charts}</div><div class="scroll">${table(rows)}</div>${deltaTable(rows)}`;
}

function loadCharts(rows: readonly SweepRow[], policies: readonly string[]): readonly Chart[] {
  const over = (measure: SweepMeasure): readonly Series[] =>
    policies.map((policy) => {
      const own = rows.filter((row) => row.policy === policy && row.values[measure] !== undefined);
      return {
        name: policy,
        points: own.map((row): readonly [number, number] => [row.values.offeredPerS?.mean ?? 0, row.values[measure]?.mean ?? 0]),
        hollow: own.map(({ collapsed }) => collapsed),
      };
    });
  const x = 'offered load, requests/s';
  return [
    { title: 'Goodput: requests within the objective', x, y: 'share of all requests', series: over('withinSlo'), percentY: true, fromY: 0 },
    { title: 'Prefix cache hits', x, y: 'share of prompt tokens', series: over('hitRate'), percentY: true, fromY: 0 },
    { title: 'Imbalance of the work', x, y: 'most over mean', series: over('imbalance'), fromY: 1 },
    { title: 'Price', x, y: '$ per 1M tokens', series: over('usdPerMillionTokens'), fromY: 0 },
    ...(rows.some(({ values }) => (values.refusedShare?.mean ?? 0) > 0)
      ? [{ title: 'Refused: no room, or turned away', x, y: 'share of all requests', series: over('refusedShare'), percentY: true, fromY: 0 }]
      : []),
  ];
}

/** The distribution of the first token at the lowest, a middle and the highest load. */
function ttftCharts(rows: readonly SweepRow[], policies: readonly string[]): readonly Chart[] {
  const loads = [...new Set(rows.map(({ rateScale }) => rateScale))].sort((left, right) => left - right);
  const shown = new Set([loads[0], loads[Math.floor(loads.length / 2)], loads.at(-1)]);
  return [...shown].flatMap((rateScale) => {
    const atLoad = rows.filter((row) => row.rateScale === rateScale);
    const [first] = atLoad;
    if (first === undefined) return [];
    return {
      title: `First token at ${(first.values.offeredPerS?.mean ?? 0).toFixed(2)} requests/s`,
      x: 'time to first token, ms',
      y: 'share of requests that have it',
      logX: true,
      percentY: true,
      fromY: 0,
      series: policies.map((policy) => ({ name: policy, points: atLoad.find((row) => row.policy === policy)?.sample.ttftCurve ?? [] })),
    };
  });
}

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
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function table(rows: readonly SweepRow[]): string {
  const lines = rows.map((row) => {
    const cells = COLUMNS.map(([, measure, format]) => `<td>${cell(row.values[measure], format)}</td>`).join('');
    return `<tr${row.collapsed ? ' class="collapsed"' : ''}><td>${escapeHtml(row.policy)}${row.collapsed ? ' <span class="flag">collapsed</span>' : ''}</td>${cells}</tr>`;
  });
  return `<table><thead><tr><th>policy</th>${COLUMNS.map(([title]) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** Differences to the first policy of the sweep. */
function deltaTable(rows: readonly SweepRow[]): string {
  const [baseline] = rows;
  const others = rows.filter(({ policy }) => policy !== baseline?.policy);
  if (baseline === undefined || others.length === 0) return '';
  const measures = COLUMNS.filter(([, measure]) => ['withinSlo', 'ttftMeanMs', 'ttftP95Ms', 'itlMeanMs', 'usdPerMillionTokens'].includes(measure));
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${percent(value)}`;
  const lines = others.map((row) => {
    const against = rows.find((each) => each.policy === baseline.policy && each.rateScale === row.rateScale);
    const flag = against?.collapsed === true ? ' <span class="flag">baseline collapsed</span>' : '';
    return `<tr><td>${escapeHtml(row.policy)}${flag}</td><td>${(row.values.offeredPerS?.mean ?? 0).toFixed(2)}</td>${measures.map(([, measure]) => `<td>${cell(row.deltas[measure], signed)}</td>`).join('')}</tr>`;
  });
  return `<h2>Against ${escapeHtml(baseline.policy)}</h2><div class="scroll"><table><thead><tr><th>policy</th><th>requests/s</th>${measures.map(([title]) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

const cell = (value: Estimate | undefined, format: (value: number) => string): string =>
  value === undefined
    ? '–'
    : `${format(value.mean)}${value.plusMinus === null || value.plusMinus === 0 ? '' : ` <span class="pm">± ${format(value.plusMinus).replace('+', '')}</span>`}`;
