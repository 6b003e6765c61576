import type { FleetCourse } from '../result.ts';
import { rowName, type SweepRow } from '../sweep-rows.ts';
import { type Chart, escapeHtml, svgChart } from './svg-chart.ts';

const SERIES = [
  ['ready', 'replicas that are ready'],
  ['starting', 'replicas that start'],
  ['nodes', 'nodes, those that are still to come with them'],
] as const;

/** How each fleet went over time, with the first seed; nothing where none changed. */
export function fleetCharts(rows: readonly SweepRow[]): string {
  const charts = rows.flatMap((row) => {
    const { fleet, makespanMs } = row.sample;
    if (fleet === undefined || fleet.course.points.length === 0) return [];
    return svgChart(chartOf(`${rowName(row)}, ${(row.values.offeredPerS?.mean ?? 0).toFixed(2)} requests/s`, fleet.course, makespanMs));
  });
  if (charts.length === 0) return '';
  const legend = SERIES.map(([, text], index) => `<li><i class="s${index}"></i>${escapeHtml(text)}</li>`).join('');
  return `<h2>The fleet over time</h2><p>With the first seed.</p><ul class="legend">${legend}<li><i class="notice"></i>notice that a node is taken away</li></ul><div class="charts">${charts.join('')}</div>`;
}

function chartOf(title: string, { points, notices }: FleetCourse, makespanMs: number): Chart {
  const minutes = (ms: number): number => ms / 60_000;
  const endMs = Math.max(makespanMs, points.at(-1)?.atMs ?? 0);
  return {
    title,
    x: 'minutes',
    y: 'number',
    fromY: 0,
    series: SERIES.map(([field, name]) => ({
      name,
      dots: false,
      // Each value holds until the next one.
      points: points.flatMap((point, index): (readonly [number, number])[] => [
        [minutes(point.atMs), point[field]],
        [minutes(points[index + 1]?.atMs ?? endMs), point[field]],
      ]),
    })),
    marks: notices.map(({ atMs }) => minutes(atMs)),
  };
}
