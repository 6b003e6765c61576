import type { AgentInfo } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { usePollMs } from '../../api/live.ts';
import { agentsQuery } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { Panel } from '../../components/panel.tsx';
import { RunPanel } from '../../components/runs/run-panel.tsx';
import { RunsTable } from '../../components/runs/runs-table.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { AgentFacts } from './agent-facts.tsx';
import { StartRun } from './start-run.tsx';

const AgentGraph = lazy(() => import('./agent-graph.tsx'));

/** One agent: its graph, its runs, and the chosen run step by step. */
export function AgentPage() {
  const t = useT();
  const { name } = useParams({ from: '/agents/$name' });
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...agentsQuery, refetchInterval: pollMs });
  return (
    <>
      <PageHead title={t('nav.agents')} detail={name} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(agents) => {
          const agent = agents.find((candidate) => candidate.name === name);
          if (agent === undefined) {
            return (
              <EmptyState icon="agents" title={t('agents.missing', { name })} action={<BackToAgents />}>
                {t('agents.missingHint')}
              </EmptyState>
            );
          }
          return <AgentBody agent={agent} />;
        }}
      </QueryView>
    </>
  );
}

function AgentBody({ agent }: { readonly agent: AgentInfo }) {
  const t = useT();
  const navigate = useNavigate({ from: '/agents/$name' });
  const { run } = useSearch({ from: '/agents/$name' });
  const choose = (id: string | undefined): void => void navigate({ search: (previous) => ({ ...previous, run: id }), replace: true });
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 wide:overflow-y-auto wide:px-5 wide:py-5">
        <div className="grid grid-cols-1 gap-4 huge:grid-cols-[minmax(0,3fr)_minmax(360px,2fr)]">
          <Panel title={t('agents.graph')} hint={agent.spec.graph}>
            <Suspense fallback={<div className="skeleton m-4 h-[268px]" />}>
              <AgentGraph graph={agent.graph} label={t('agents.graphOf', { name: agent.name })} />
            </Suspense>
          </Panel>
          <Panel
            title={agent.name}
            hint={agent.modelId}
            actions={
              <>
                <Link to="/playground" search={{ model: agent.modelId }} className="control">
                  <Icon name="playground" size={14} />
                  {t('models.ask')}
                </Link>
                <Link to="/resources/$kind/$name" params={{ kind: 'Agent', name: agent.name }} className="control">
                  {t('models.edit')}
                </Link>
              </>
            }
          >
            <AgentFacts agent={agent} />
          </Panel>
        </div>
        <StartRun name={agent.name} onStarted={choose} />
        <RunsTable title={t('runs.title')} filter={{ kind: 'agent', resource: agent.name }} chosen={run} onChoose={choose} empty={t('runs.noneAgent')} />
      </div>
      {run === undefined ? null : <RunPanel id={run} onClose={() => choose(undefined)} />}
    </div>
  );
}

function BackToAgents() {
  const t = useT();
  return (
    <Link to="/agents" className="control">
      {t('agents.back')}
    </Link>
  );
}
