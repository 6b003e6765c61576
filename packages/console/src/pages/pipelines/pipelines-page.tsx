import type { pipelineListSchema } from '@maru/api/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { z } from 'zod';
import { startPipeline } from '../../api/actions.ts';
import { usePollMs } from '../../api/live.ts';
import { pipelinesQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Panel } from '../../components/panel.tsx';
import { RunPanel } from '../../components/runs/run-panel.tsx';
import { RunsTable } from '../../components/runs/runs-table.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StateTag, Tag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';

type Pipeline = z.infer<typeof pipelineListSchema>['items'][number];

/** Chains of steps that resume after a crash and stop at a failed gate. */
export function PipelinesPage() {
  const t = useT();
  const navigate = useNavigate({ from: '/pipelines' });
  const { run } = useSearch({ from: '/pipelines' });
  const pollMs = usePollMs(4000);
  const query = useQuery({ ...pipelinesQuery, refetchInterval: pollMs });
  const choose = (id: string | undefined): void => void navigate({ search: (previous) => ({ ...previous, run: id }), replace: true });
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <PageHead title={t('nav.pipelines')} />
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 wide:overflow-y-auto wide:px-5 wide:py-5">
        <Panel title={t('nav.pipelines')} hint={query.data?.length}>
          <QueryView query={query}>
            {(pipelines) =>
              pipelines.length === 0 ? (
                <EmptyState
                  icon="pipelines"
                  title={t('pipelines.none')}
                  action={
                    <Link to="/resources/new" search={{ kind: 'Pipeline' }} className="control">
                      {t('pipelines.create')}
                    </Link>
                  }
                >
                  {t('pipelines.noneHint')}
                </EmptyState>
              ) : (
                <ul>
                  {pipelines.map((pipeline) => (
                    <PipelineRow key={pipeline.name} pipeline={pipeline} onStarted={choose} />
                  ))}
                </ul>
              )
            }
          </QueryView>
        </Panel>
        <RunsTable title={t('runs.title')} filter={{ kind: 'pipeline' }} chosen={run} onChoose={choose} empty={t('runs.nonePipeline')} />
      </div>
      {run === undefined ? null : <RunPanel id={run} onClose={() => choose(undefined)} />}
    </div>
  );
}

function PipelineRow({ pipeline, onStarted }: { readonly pipeline: Pipeline; readonly onStarted: (id: string) => void }) {
  const t = useT();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => startPipeline(pipeline.name),
    onSuccess: async (run) => {
      await client.invalidateQueries({ queryKey: ['runs'] });
      onStarted(run.id);
    },
  });
  return (
    <li className="border-t border-faint px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-3">
        <Link to="/resources/$kind/$name" params={{ kind: 'Pipeline', name: pipeline.name }} className="font-medium hover:underline">
          {pipeline.name}
        </Link>
        {pipeline.lastRun === null ? null : <StateTag state={pipeline.lastRun.state} />}
        <span className="text-12 text-second">{pipeline.description}</span>
        <Button className="ml-auto" busy={start.isPending} onClick={() => start.mutate()}>
          {t('pipelines.start')}
        </Button>
      </div>
      <ol className="mt-2 flex flex-wrap items-center gap-2" aria-label={t('pipelines.steps')}>
        {pipeline.steps.map((step, index) => (
          <li
            key={step.name}
            className="flex items-center gap-2"
            title={step.needs.length === 0 ? undefined : t('pipelines.needs', { steps: step.needs.join(', ') })}
          >
            {index === 0 ? null : <Icon name="arrowRight" size={12} className="text-third" />}
            <Tag tone="outline">
              {step.name}
              {step.name === step.type ? null : <span className="pl-1.5 text-third">{step.type}</span>}
            </Tag>
          </li>
        ))}
      </ol>
      <InlineError error={start.error} />
    </li>
  );
}
