import type uPlot from 'uplot';
import { seriesColour } from './series-colours.ts';

export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  readonly styles: CSSStyleDeclaration;
  readonly formatValue: (value: number) => string;
  readonly formatTime: (atMs: number, spanMs: number) => string;
  readonly onHover: (index: number | null) => void;
}

/** A quiet chart: faint lines, small figures, no box. Series come from the top of the stack to its bottom. */
export function chartOptions({ width, height, layers, styles, formatValue, formatTime, onHover }: ChartOptions): uPlot.Options {
  const token = (name: string): string => styles.getPropertyValue(name).trim();
  const axis = { stroke: token('--third'), font: `11px ${token('--font-sans')}`, ticks: { show: false } } as const;
  const grid = { stroke: token('--faint'), width: 1 } as const;
  return {
    width,
    height,
    padding: [12, 24, 0, 4],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 72,
        values: (plot, splits) => withoutRepeats(splits.map((second) => formatTime(second * 1000, spanOf(plot)))),
      },
      { ...axis, grid, size: 64, space: 36, values: (_plot, splits) => splits.map(formatValue) },
    ],
    series: [
      {},
      ...Array.from({ length: layers }, (_, index): uPlot.Series => {
        const colour = token(seriesColour(layers - 1 - index));
        return { stroke: colour, fill: `color-mix(in srgb, ${colour} 82%, ${token('--panel')})`, width: 1, points: { show: false } };
      }),
    ],
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
  };
}

/** Several ticks of one day show its name once. */
const withoutRepeats = (labels: readonly string[]): string[] => labels.map((label, index) => (label === labels[index - 1] ? '' : label));

const spanOf = (plot: uPlot): number => {
  const { min, max } = plot.scales['x'] ?? {};
  return ((max ?? 0) - (min ?? 0)) * 1000;
};
