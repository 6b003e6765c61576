import type { SimulationDetail } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { simulationQuery } from '../../api/simulations.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { simulationTitle } from '../simulations/simulation-title.ts';
import { ComparePanel } from './compare-panel.tsx';
import { FleetReport } from './fleet-report.tsx';
import { ReportHead } from './report-head.tsx';

/** One simulation: how far it is, and what it found. */
export function SimulationPage() {
  const t = useT();
  const { id } = useParams({ from: '/simulations/$id' });
  const { with: other } = useSearch({ from: '/simulations/$id' });
  const navigate = useNavigate({ from: '/simulations/$id' });
  const pollMs = usePollMs(1500);
  const query = useQuery({
    ...simulationQuery(id),
    refetchInterval: ({ state }) => (['queued', 'running'].includes(state.data?.simulation.state ?? '') ? pollMs : false),
  });
  return (
    <Page>
      <PageHead title={t('nav.simulations')} detail={query.data === undefined ? undefined : simulationTitle(query.data.simulation)} />
      <QueryView query={query} skeleton={<SkeletonRows rows={12} />}>
        {(detail) => (
          <>
            <ReportHead
              detail={detail}
              other={other}
              onCompare={(next) => void navigate({ search: (previous) => ({ ...previous, with: next }), replace: true })}
            />
            {other === undefined ? null : <ComparePanel detail={detail} id={other} />}
            <Fleets detail={detail} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function Fleets({ detail: { rows } }: { readonly detail: SimulationDetail }) {
  const t = useT();
  const fleets = [...Map.groupBy(rows, ({ replicas }) => replicas)];
  if (fleets.length === 0)
    return (
      <Panel title={t('sim.figures')}>
        <p className="px-4 py-3 text-12 text-second">{t('sim.noRows')}</p>
      </Panel>
    );
  return fleets.map(([replicas, fleet]) => <FleetReport key={replicas} replicas={replicas} rows={fleet} />);
}
