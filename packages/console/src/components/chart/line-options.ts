import type uPlot from 'uplot';
import { seriesColour } from './series-colours.ts';

export interface LineOptions {
  readonly width: number;
  readonly height: number;
  readonly lines: number;
  readonly styles: CSSStyleDeclaration;
  readonly x: 'number' | 'time' | 'log';
  /** Whether single points are marked. */
  readonly dots: boolean;
  readonly maxY: number | undefined;
  readonly minY: number;
  /** What the axis covers, in its own unit; the data where absent. */
  readonly rangeX: readonly [number, number] | undefined;
  readonly formatX: (value: number, span: number) => string;
  readonly formatY: (value: number) => string;
}

const DASH = [5, 4];
const SERIES_COLOURS = 5;

/** Quiet lines on faint rules, without a box; beyond the fifth line colours come again, dashed. */
export function lineOptions({ width, height, lines, styles, x, dots, maxY, minY, rangeX, formatX, formatY }: LineOptions): uPlot.Options {
  const token = (name: string): string => styles.getPropertyValue(name).trim();
  const axis = { stroke: token('--third'), font: `11px ${token('--font-sans')}`, ticks: { show: false } } as const;
  const span = (plot: uPlot): number => (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0);
  return {
    width,
    height,
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: x === 'time', ...(x === 'log' ? { distr: 3 } : {}), ...(rangeX === undefined ? {} : { range: [...rangeX] }) },
      y: { range: (_plot, _low, high) => [minY, maxY ?? (high > minY ? minY + (high - minY) * 1.08 : minY + 1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: x === 'log' ? 24 : 56,
        values: (plot, splits) => splits.map((split) => (x === 'log' && !isPower(split) ? '' : formatX(split, span(plot)))),
      },
      { ...axis, grid: { stroke: token('--faint'), width: 1 }, size: 56, space: 32, values: (_plot, splits) => splits.map(formatY) },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, index): uPlot.Series[] => {
        const colour = token(seriesColour(index));
        return [
          {
            stroke: colour,
            width: 1.75,
            spanGaps: false,
            ...(index >= SERIES_COLOURS ? { dash: DASH } : {}),
            points: { show: dots, size: 6, width: 1, stroke: colour, fill: colour },
          },
          { stroke: colour, width: 0, paths: () => null, points: { show: true, size: 7, width: 1.5, stroke: colour, fill: token('--panel') } },
        ];
      }).flat(),
    ],
  };
}

const isPower = (value: number | null): boolean => value !== null && Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
