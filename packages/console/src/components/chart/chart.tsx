import { lazy, Suspense } from 'react';
import type { LineChartProps } from './line-chart.tsx';
import type { StackedChartProps } from './stacked-chart.tsx';

const LazyChart = lazy(() => import('./stacked-chart.tsx'));
const LazyLines = lazy(() => import('./line-chart.tsx'));

/** The chart, fetched when a page with a chart is opened. */
export function StackedChart(props: StackedChartProps) {
  return (
    <Suspense fallback={<div className="skeleton m-4" style={{ height: (props.height ?? 220) - 32 }} />}>
      <LazyChart {...props} />
    </Suspense>
  );
}

/** Lines, fetched as {@link StackedChart} is. */
export function LineChart(props: LineChartProps) {
  return (
    <Suspense fallback={<div className="skeleton m-4" style={{ height: (props.height ?? 200) - 32 }} />}>
      <LazyLines {...props} />
    </Suspense>
  );
}
