import { nanoToUsd } from '@maru/api/records';
import { costsSchema } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Range, rangeBounds } from '../../api/range.ts';
import { request } from '../../api/request.ts';
import { StackedChart } from '../../components/chart/chart.tsx';
import { Legend } from '../../components/chart/legend.tsx';
import { largestLayers } from '../../components/chart/stack-series.ts';
import { Panel } from '../../components/panel.tsx';
import { formatUsd } from '../../format/money.ts';
import { formatDay } from '../../format/time.ts';
import { useLanguage, useT } from '../../i18n/index.ts';
import { daysByModel } from './days-by-model.ts';

/** Money per day and model; not shown before there are two days to compare. */
export function DailySpend({ range }: { readonly range: Range }) {
  const t = useT();
  const language = useLanguage();
  const rest = t('overview.otherModels');
  const query = useQuery({
    queryKey: ['costs', 'day-by-model', range],
    queryFn: ({ signal }) => request(costsSchema, '/api/v1/costs', { query: { by: 'day', split: 'model', ...rangeBounds(range) }, signal }),
    staleTime: 30_000,
  });
  const { days, layers } = useMemo(() => daysByModel(query.data?.rows ?? [], nanoToUsd), [query.data]);
  const shown = useMemo(() => largestLayers(layers, 5, rest), [layers, rest]);
  if (days.length < 2) return null;
  return (
    <Panel title={t('costs.perDay')} actions={<Legend entries={shown.map((layer) => ({ label: layer.label }))} />}>
      <div className="px-2 pb-2">
        <StackedChart
          label={t('costs.perDay')}
          timesMs={days}
          layers={shown}
          height={180}
          formatValue={(value) => formatUsd(value, language)}
          formatTime={(atMs) => formatDay(atMs, language)}
        />
      </div>
    </Panel>
  );
}
