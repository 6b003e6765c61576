import { rowName, type SweepMeasure, type SweepRow } from '../sweep-rows.ts';
import { fleetCharts } from './fleet-charts.ts';
import { resultTables } from './result-tables.ts';
import { REPORT_STYLE } from './style.ts';
import { type Chart, escapeHtml, type Series, svgChart } from './svg-chart.ts';
import { tenantTable } from './tenant-table.ts';

/** What stands above the figures. */
export interface ReportHead {
  readonly title: string;
  /** What was simulated and how, one fact a line. */
  readonly facts: readonly string[];
}

/** One page with plots and tables of a sweep; it needs no network, no script and no other file. */
export function renderReport(rows: readonly SweepRow[], head: ReportHead): string {
  const ways = [...new Set(rows.map(rowName))];
  const fleets = [...Map.groupBy(rows, ({ replicas, kvBlocks }) => `${replicas} replicas${kvBlocks === 0 ? '' : `, ${kvBlocks} KV blocks each`}`)];
  const legend = ways.map((way, index) => `<li><i class="s${index % 10}"></i>${escapeHtml(way)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(head.title)}</title><style>${REPORT_STYLE}</style></head>
<body><h1>${escapeHtml(head.title)}</h1>
<ul>${head.facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')}</ul>
<ul class="legend">${legend}</ul>
${fleets.map(([name, fleet]) => `<h2>${escapeHtml(name)}</h2>${fleetSection(fleet, ways)}`).join('\n')}
</body></html>
`;
}

function fleetSection(rows: readonly SweepRow[], ways: readonly string[]): string {
  const charts = [...loadCharts(rows, ways), ...ttftCharts(rows, ways)].map(svgChart).join('');
  return `<div class="charts">${charts}</div>${resultTables(rows)}${tenantTable(rows)}${fleetCharts(rows)}`;
}

function loadCharts(rows: readonly SweepRow[], ways: readonly string[]): readonly Chart[] {
  const over = (measure: SweepMeasure): readonly Series[] =>
    ways.map((way) => {
      const own = rows.filter((row) => rowName(row) === way && row.values[measure] !== undefined);
      return {
        name: way,
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
    ...(rows.some(({ values }) => values.fairness !== undefined)
      ? [{ title: 'Fairness between tenants', x, y: 'of max-min fair shares', series: over('fairness'), fromY: 0 }]
      : []),
    ...(rows.some(({ values }) => values.waitMeanMs !== undefined)
      ? [{ title: 'Wait in the queue of the gateway', x, y: 'mean ms of those that waited', series: over('waitMeanMs'), fromY: 0 }]
      : []),
    ...(rows.some(({ values }) => (values.refusedShare?.mean ?? 0) > 0)
      ? [{ title: 'Refused: no room, or turned away', x, y: 'share of all requests', series: over('refusedShare'), percentY: true, fromY: 0 }]
      : []),
  ];
}

/** The distribution of the first token at the lowest, a middle and the highest load. */
function ttftCharts(rows: readonly SweepRow[], ways: readonly string[]): readonly Chart[] {
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
      series: ways.map((way) => ({ name: way, points: atLoad.find((row) => rowName(row) === way)?.sample.ttftCurve ?? [] })),
    };
  });
}
