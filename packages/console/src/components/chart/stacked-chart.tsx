import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useResolvedTheme } from '../../theme/theme.ts';
import { chartOptions } from './chart-options.ts';
import { type Layer, stackLayers } from './stack-series.ts';

export interface StackedChartProps {
  readonly label: string;
  /** Starts of the buckets, in milliseconds. */
  readonly timesMs: readonly number[];
  readonly layers: readonly Layer[];
  readonly height?: number;
  readonly formatValue: (value: number) => string;
  readonly formatTime: (atMs: number, spanMs: number) => string;
  /** Which bucket is under the pointer; null when none. */
  readonly onHover?: (index: number | null) => void;
}

/** Areas on top of each other; a table with the same numbers stands elsewhere on the page. */
export default function StackedChart({ label, timesMs, layers, height = 220, formatValue, formatTime, onHover }: StackedChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const hover = useRef(onHover);
  hover.current = onHover;
  const theme = useResolvedTheme();
  const shape = `${theme} ${layers.map((layer) => layer.label).join('\n')}`;
  const stacked = stackLayers(layers);
  const data: uPlot.AlignedData = [timesMs.map((ms) => ms / 1000), ...stacked.toReversed().map((values) => [...values])];
  const latest = useRef({ data, formatValue, formatTime });
  latest.current = { data, formatValue, formatTime };

  useEffect(() => {
    const element = host.current;
    if (element === null || shape === '') return;
    const plot = new uPlot(
      chartOptions({
        width: element.clientWidth,
        height,
        layers: stacked.length,
        styles: getComputedStyle(document.documentElement),
        formatValue: (value) => latest.current.formatValue(value),
        formatTime: (atMs, spanMs) => latest.current.formatTime(atMs, spanMs),
        onHover: (index) => hover.current?.(index),
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
  }, [shape, height, stacked.length]);

  useEffect(() => {
    chart.current?.setData(latest.current.data);
  });

  return <div ref={host} role="img" aria-label={label} className="w-full" style={{ height }} />;
}
