import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { agentsQuery } from '../../api/queries.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';

/** Agents with their model, tools and last run. */
export function AgentsPage() {
  const t = useT();
  const navigate = useNavigate();
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...agentsQuery, refetchInterval: pollMs });
  return (
    <Page>
      <PageHead title={t('nav.agents')} />
      <Panel label={t('nav.agents')}>
        <QueryView query={query}>
          {(agents) =>
            agents.length === 0 ? (
              <EmptyState
                icon="agents"
                title={t('agents.none')}
                action={
                  <Link to="/resources/new" search={{ kind: 'Agent' }} className="control">
                    {t('agents.create')}
                  </Link>
                }
              >
                {t('agents.noneHint')}
              </EmptyState>
            ) : (
              <DataTable
                label={t('nav.agents')}
                rows={agents}
                rowKey={(row) => row.name}
                onOpen={(row) => void navigate({ to: '/agents/$name', params: { name: row.name } })}
                columns={[
                  {
                    id: 'name',
                    header: t('agents.name'),
                    cell: (row) => (
                      <Link to="/agents/$name" params={{ name: row.name }} className="font-medium hover:underline">
                        {row.name}
                      </Link>
                    ),
                  },
                  {
                    id: 'description',
                    header: t('models.description'),
                    className: 'text-second',
                    cell: (row) => <span className="inline-block max-w-[420px] truncate align-bottom">{row.spec.description ?? '–'}</span>,
                  },
                  { id: 'graph', header: t('agents.graph'), className: 'text-second', cell: (row) => row.spec.graph },
                  { id: 'model', header: t('common.model'), className: 'text-second', cell: (row) => row.spec.model },
                  {
                    id: 'tools',
                    header: t('agents.tools'),
                    className: 'text-second',
                    cell: (row) => row.spec.tools.map((tool) => ('name' in tool ? tool.name : tool.type)).join(', ') || '–',
                  },
                  {
                    id: 'state',
                    header: t('agents.lastRun'),
                    cell: (row) => (row.lastRun === null ? <span className="text-third">{t('agents.never')}</span> : <StateTag state={row.lastRun.state} />),
                  },
                  { id: 'when', header: t('traces.time'), align: 'right', cell: (row) => <Moment atMs={row.lastRun?.createdMs ?? null} ago /> },
                ]}
              />
            )
          }
        </QueryView>
      </Panel>
    </Page>
  );
}
