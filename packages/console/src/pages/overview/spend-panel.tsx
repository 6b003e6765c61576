import type { Overview } from '@maru/api/wire';
import { useMemo, useState } from 'react';
import { StackedChart } from '../../components/chart/chart.tsx';
import { Legend } from '../../components/chart/legend.tsx';
import { largestLayers } from '../../components/chart/stack-series.ts';
import { formatTick } from '../../components/chart/time-ticks.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import { formatUsd } from '../../format/money.ts';
import { useFormat } from '../../format/use-format.ts';
import { useLanguage, useT } from '../../i18n/index.ts';

/** Money over time, one layer per model. */
export function SpendPanel({ overview }: { readonly overview: Overview }) {
  const t = useT();
  const format = useFormat();
  const language = useLanguage();
  const [hovered, setHovered] = useState<number | null>(null);
  const rest = t('overview.otherModels');
  const layers = useMemo(
    () =>
      largestLayers(
        overview.spendByModel.filter((model) => model.usd.some((usd) => (usd ?? 0) > 0)).map((model) => ({ label: model.model, values: model.usd })),
        5,
        rest,
      ),
    [overview.spendByModel, rest],
  );
  const length = layers[0]?.values.length ?? 0;
  const times = useMemo(() => Array.from({ length }, (_, index) => overview.fromMs + index * overview.bucketMs), [length, overview.fromMs, overview.bucketMs]);
  const simulated = new Set(overview.spendByModel.filter((model) => model.simulated).map((model) => model.model));
  const hoveredAt = hovered === null ? undefined : times[hovered];
  return (
    <Panel
      title={t('overview.spendByModel')}
      hint={hoveredAt === undefined ? undefined : format.moment(hoveredAt)}
      actions={
        <Legend
          entries={layers.map((layer) => ({
            label: layer.label,
            simulated: simulated.has(layer.label),
            value: hovered === null ? undefined : format.usd(layer.values[hovered] ?? 0),
          }))}
        />
      }
    >
      {layers.length === 0 ? (
        <EmptyState icon="costs" title={t('overview.noSpend')}>
          {t('overview.noSpendHint')}
        </EmptyState>
      ) : (
        <div className="px-2 pb-2">
          <StackedChart
            label={t('overview.spendChart', { models: layers.map((layer) => layer.label).join(', ') })}
            timesMs={times}
            layers={layers}
            height={248}
            formatValue={(value) => formatUsd(value, language)}
            formatTime={formatTick(language)}
            onHover={setHovered}
          />
        </div>
      )}
    </Panel>
  );
}
