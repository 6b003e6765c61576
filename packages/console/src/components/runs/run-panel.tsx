import type { Run } from '@maru/api/records';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { actOnRun } from '../../api/actions.ts';
import { runQuery } from '../../api/queries.ts';
import { useRunEvents } from '../../api/run-events.ts';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { Button, IconButton } from '../button.tsx';
import { CodeBlock, readable } from '../code-block.tsx';
import { FactList } from '../facts.tsx';
import { Icon } from '../icon.tsx';
import { InlineError } from '../inline-error.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { QueryView } from '../states.tsx';
import { StateTag } from '../tag.tsx';
import { Approvals } from './approvals.tsx';
import { StepTimeline } from './step-timeline.tsx';

/** One run: its steps as they happen, what it waits for, and its answer. */
export function RunPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const t = useT();
  const query = useQuery(runQuery(id));
  const active = query.data !== undefined && query.data.run.endedMs === null;
  const streamed = useRunEvents(id, active);
  return (
    <aside aria-label={t('runs.run')} className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[420px] wide:overflow-y-auto wide:border-l">
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="font-bold">{t('runs.run')}</h2>
        <span className="truncate font-mono text-11 text-third">{id}</span>
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <QueryView query={query}>
        {({ run, steps, approvals }) => (
          <div className="flex flex-col gap-4 px-4 pt-2 pb-5">
            <RunActions run={run} />
            <RunFacts run={run} />
            {approvals.length === 0 ? null : <Approvals runId={run.id} approvals={approvals} />}
            {run.error === undefined ? null : (
              <p className="rounded-control bg-red-ground px-3 py-2 text-12 break-words text-red">
                {run.error.message} <code className="font-mono text-11">{run.error.code}</code>
              </p>
            )}
            <StepTimeline steps={steps} />
            {active && streamed !== '' ? <Answer title={t('runs.output')} output={streamed} /> : null}
            {run.output === undefined || run.output === null ? null : <Answer title={t('runs.output')} output={run.output} />}
          </div>
        )}
      </QueryView>
    </aside>
  );
}

function RunFacts({ run }: { readonly run: Run }) {
  const t = useT();
  const format = useFormat();
  return (
    <FactList
      facts={[
        { label: t('runs.state'), value: <StateTag state={run.state} /> },
        { label: t('trace.started'), value: format.instant(run.startedMs ?? run.createdMs) },
        ...(run.startedMs === null || run.endedMs === null ? [] : [{ label: t('traces.duration'), value: format.duration(run.endedMs - run.startedMs) }]),
      ]}
    />
  );
}

function RunActions({ run }: { readonly run: Run }) {
  const t = useT();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (action: 'cancel' | 'resume') => actOnRun(run.id, action),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['run', run.id] }), client.invalidateQueries({ queryKey: ['runs'] })]),
  });
  const active = run.state === 'queued' || run.state === 'running' || run.state === 'waiting';
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {active ? (
          <Button icon="stop" busy={act.isPending} onClick={() => act.mutate('cancel')}>
            {t('runs.cancel')}
          </Button>
        ) : null}
        {run.state === 'failed' || run.state === 'cancelled' ? (
          <Button icon="refresh" busy={act.isPending} onClick={() => act.mutate('resume')}>
            {t('runs.resume')}
          </Button>
        ) : null}
        {run.traceId === null ? null : (
          <Link to="/traces/$traceId" params={{ traceId: run.traceId }} className="control">
            {t('playground.openTrace')}
            <Icon name="arrowRight" size={12} />
          </Link>
        )}
      </div>
      <InlineError error={act.error} />
    </div>
  );
}

function Answer({ title, output }: { readonly title: string; readonly output: unknown }) {
  const text = typeof output === 'object' && output !== null && 'text' in output && typeof output.text === 'string' ? output.text : output;
  return (
    <section>
      <h3 className="mb-1 text-11 font-normal text-third">{title}</h3>
      {typeof text === 'string' ? <Markdown source={text} /> : <CodeBlock label={title} text={readable(text)} />}
    </section>
  );
}
