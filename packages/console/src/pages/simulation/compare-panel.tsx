import type { SimulationDetail } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { simulationQuery } from '../../api/simulations.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { simulationTitle } from '../simulations/simulation-title.ts';
import { comparedRows, isLike, type RowPair } from './compare-rows.ts';
import { MEASURED } from './figures-table.tsx';

const SHOWN: ReadonlySet<string> = new Set(['withinSlo', 'ttftMeanMs', 'ttftP95Ms', 'hitRate', 'usdPerMillionTokens']);

/** Two simulations side by side, where both played the same. */
export function ComparePanel({ detail, id }: { readonly detail: SimulationDetail; readonly id: string }) {
  const t = useT();
  const query = useQuery(simulationQuery(id));
  const name = query.data === undefined ? '' : simulationTitle(query.data.simulation);
  return (
    <Panel title={t('sim.compare', { name })} hint={t('sim.compareHint')}>
      <QueryView query={query} skeleton={<SkeletonRows rows={4} />}>
        {(other) => <Compared detail={detail} other={other} />}
      </QueryView>
    </Panel>
  );
}

function Compared({ detail, other }: { readonly detail: SimulationDetail; readonly other: SimulationDetail }) {
  const t = useT();
  const format = useFormat();
  const pairs = comparedRows(detail.rows, other.rows);
  if (pairs.length === 0) return <p className="px-4 py-3 text-12 text-second">{t('sim.compareEmpty')}</p>;
  const columns: readonly Column<RowPair>[] = [
    { id: 'policy', header: t('sim.policy'), cell: ({ here }) => <span className="font-medium">{here.policy}</span> },
    { id: 'replicas', header: t('sim.replicas'), align: 'right', cell: ({ here }) => format.number(here.replicas) },
    { id: 'speed', header: t('sim.speed'), align: 'right', cell: ({ here }) => `${format.decimal(here.speed, 2)}×` },
    ...MEASURED.filter(({ measure }) => SHOWN.has(measure)).map(
      ({ measure, title, format: show }): Column<RowPair> => ({
        id: measure,
        header: t(title),
        align: 'right',
        cell: ({ here, there }) => {
          const [own, theirs] = [here.values[measure]?.mean, there.values[measure]?.mean];
          if (own === undefined || theirs === undefined) return <span className="text-third">–</span>;
          const delta = own - theirs;
          return (
            <span>
              {show(own, format)}
              <span className="text-11 text-third">
                {' '}
                {delta === 0 ? '±' : delta < 0 ? '−' : '+'}
                {show(Math.abs(delta), format)}
              </span>
            </span>
          );
        },
      }),
    ),
  ];
  return (
    <>
      {isLike(detail.simulation.request, other.simulation.request) ? null : <p className="px-4 pt-3 text-12 text-amber">{t('sim.compareTrace')}</p>}
      <DataTable
        label={t('sim.compare', { name: simulationTitle(other.simulation) })}
        rows={pairs}
        rowKey={({ here }) => `${here.policy} ${here.replicas} ${here.speed}`}
        columns={columns}
      />
    </>
  );
}
