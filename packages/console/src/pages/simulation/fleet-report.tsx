import type { SimulationMeasure, SimulationRow } from '@maru/api/wire';
import type { ReactNode } from 'react';
import { LineChart } from '../../components/chart/chart.tsx';
import { LineLegend } from '../../components/chart/legend.tsx';
import { Panel } from '../../components/panel.tsx';
import { useFormat } from '../../format/use-format.ts';
import { type MessageKey, useT } from '../../i18n/index.ts';
import { DeltaTable } from './delta-table.tsx';
import { FiguresTable } from './figures-table.tsx';
import { isMeasured, linesOver, policiesOf, ttftCharts } from './report-lines.ts';

interface LoadChart {
  readonly measure: SimulationMeasure;
  readonly title: MessageKey;
  readonly unit: 'share' | 'times' | 'usd';
}

const LOAD_CHARTS: readonly LoadChart[] = [
  { measure: 'withinSlo', title: 'sim.chart.goodput', unit: 'share' },
  { measure: 'hitRate', title: 'sim.chart.hit', unit: 'share' },
  { measure: 'imbalance', title: 'sim.chart.imbalance', unit: 'times' },
  { measure: 'usdPerMillionTokens', title: 'sim.chart.price', unit: 'usd' },
];
const REFUSED: LoadChart = { measure: 'refusedShare', title: 'sim.chart.refused', unit: 'share' };

/** Ticks of a logarithmic axis stay short. */
const MINUTE_MS = 60_000;

/** What one fleet did under every load and policy: charts, figures, differences. */
export function FleetReport({ replicas, rows }: { readonly replicas: number; readonly rows: readonly SimulationRow[] }) {
  const t = useT();
  const format = useFormat();
  const charts = [...LOAD_CHARTS, ...(isMeasured(rows, 'refusedShare') ? [REFUSED] : [])];
  const hasLoads = new Set(rows.map(({ speed }) => speed)).size > 1;
  const formatOf = (unit: LoadChart['unit']) => (value: number) =>
    unit === 'share' ? format.percent(value) : unit === 'usd' ? format.usd(value) : format.decimal(value, 2);
  return (
    <>
      <Panel title={t('sim.fleet', { n: replicas })} actions={<LineLegend labels={policiesOf(rows)} />}>
        <div className="grid grid-cols-1 column:grid-cols-2 huge:grid-cols-3">
          {hasLoads
            ? charts.map(({ measure, title, unit }) => (
                <ChartFigure key={measure} title={t(title)} axis={t('sim.axis.load')}>
                  <LineChart
                    label={t(title)}
                    lines={linesOver(rows, measure)}
                    minY={unit === 'times' ? 1 : 0}
                    {...(measure === 'withinSlo' ? { maxY: 1 } : {})}
                    formatX={(value) => format.decimal(value, 1)}
                    formatY={formatOf(unit)}
                  />
                </ChartFigure>
              ))
            : null}
          {ttftCharts(rows).map(({ load, lines }) => {
            const title = t('sim.chart.cdf', { load: format.decimal(load, 2) });
            return (
              <ChartFigure key={title} title={title} axis={t('sim.axis.ttft')}>
                <LineChart
                  label={title}
                  x="log"
                  dots={false}
                  maxY={1}
                  lines={lines}
                  formatX={(value) => (value < MINUTE_MS ? format.duration(value) : t('sim.seconds', { n: format.compact(value / 1000) }))}
                  formatY={(value) => format.percent(value)}
                />
              </ChartFigure>
            );
          })}
        </div>
      </Panel>
      <Panel title={t('sim.figures')} hint={t('sim.figuresHint')}>
        <FiguresTable rows={rows} />
      </Panel>
      <DeltaTable rows={rows} />
    </>
  );
}

function ChartFigure({ title, axis, children }: { readonly title: string; readonly axis: string; readonly children: ReactNode }) {
  return (
    <figure className="min-w-0 border-faint px-2 pt-3 pb-2 not-first:border-t column:not-first:border-t-0">
      <figcaption className="px-2 text-12 font-medium">{title}</figcaption>
      {children}
      <p className="px-2 text-right text-11 text-third">{axis}</p>
    </figure>
  );
}
