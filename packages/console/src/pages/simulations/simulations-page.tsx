import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { usePollMs } from '../../api/live.ts';
import { simulationsQuery } from '../../api/simulations.ts';
import { Button } from '../../components/button.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { NewSimulationDialog } from './new-simulation-dialog.tsx';
import { SimulationTable } from './simulation-table.tsx';

/** Simulations that were asked for, with how far they are. */
export function SimulationsPage() {
  const t = useT();
  const navigate = useNavigate();
  const pollMs = usePollMs(1500);
  const query = useQuery({ ...simulationsQuery, refetchInterval: pollMs });
  const [creating, setCreating] = useState(false);
  return (
    <Page>
      <PageHead title={t('nav.simulations')} />
      <Panel
        title={t('nav.simulations')}
        hint={query.data?.length}
        actions={
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            {t('sim.start')}
          </Button>
        }
      >
        <QueryView query={query} skeleton={<SkeletonRows rows={5} />}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon="flask" title={t('sim.none')}>
                {t('sim.noneHint')}
              </EmptyState>
            ) : (
              <SimulationTable simulations={items} />
            )
          }
        </QueryView>
      </Panel>
      <NewSimulationDialog open={creating} onOpenChange={setCreating} onStarted={({ id }) => void navigate({ to: '/simulations/$id', params: { id } })} />
    </Page>
  );
}
