import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useResolvedTheme } from '../../theme/theme.ts';
import { lineOptions } from './line-options.ts';
import { alignLines, type Line } from './line-points.ts';

export interface LineChartProps {
  readonly label: string;
  readonly lines: readonly Line[];
  /** `time`: x is in milliseconds. */
  readonly x?: 'number' | 'time' | 'log';
  readonly dots?: boolean;
  readonly height?: number;
  readonly minY?: number;
  readonly maxY?: number;
  /** What the axis covers; the data where absent. */
  readonly rangeX?: readonly [number, number];
  readonly formatX: (value: number, span: number) => string;
  readonly formatY: (value: number) => string;
}

/** Lines over one another; a table with the same numbers stands elsewhere on the page. */
export default function LineChart({ label, lines, x = 'number', dots = true, height = 200, minY = 0, maxY, rangeX, formatX, formatY }: LineChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const theme = useResolvedTheme();
  const shape = `${theme} ${x} ${lines.map((line) => line.label).join('\n')}`;
  const [xs, ...columns] = alignLines(lines);
  const perTick = x === 'time' ? 1000 : 1;
  const data = [xs.map((value) => value / perTick), ...columns.map((column) => [...column])] as uPlot.AlignedData;
  const [fromX, toX] = rangeX ?? [];
  const latest = useRef({ data, formatX, formatY });
  latest.current = { data, formatX, formatY };

  useEffect(() => {
    const element = host.current;
    if (element === null || shape === '') return;
    const plot = new uPlot(
      lineOptions({
        width: element.clientWidth,
        height,
        lines: columns.length / 2,
        styles: getComputedStyle(document.documentElement),
        x,
        dots,
        maxY,
        minY,
        rangeX: fromX === undefined || toX === undefined ? undefined : [fromX / perTick, toX / perTick],
        formatX: (value, span) => latest.current.formatX(value * perTick, span * perTick),
        formatY: (value) => latest.current.formatY(value),
      }),
      latest.current.data,
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = undefined;
    };
  }, [shape, height, columns.length, x, dots, maxY, minY, fromX, toX, perTick]);

  useEffect(() => {
    chart.current?.setData(latest.current.data);
  });

  return <div ref={host} role="img" aria-label={label} className="w-full" style={{ height }} />;
}
