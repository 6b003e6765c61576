import type { EvaluationRun } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { evaluationsQuery } from '../../api/queries.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { ScoreLine } from './score-line.tsx';
import { StartEvaluation } from './start-evaluation.tsx';
import { thresholdOf } from './threshold-of.ts';
import { Verdict } from './verdict.tsx';

/** What is measured, and how the last measurement ended. */
export function EvaluationsPage() {
  const t = useT();
  const navigate = useNavigate();
  const format = useFormat();
  const pollMs = usePollMs(4000);
  const query = useQuery({ ...evaluationsQuery, refetchInterval: pollMs });
  return (
    <Page>
      <PageHead title={t('nav.evaluations')} />
      <Panel label={t('nav.evaluations')}>
        <QueryView query={query}>
          {(evaluations) =>
            evaluations.length === 0 ? (
              <EmptyState
                icon="evaluations"
                title={t('evaluations.none')}
                action={
                  <Link to="/resources/new" search={{ kind: 'Evaluation' }} className="control">
                    {t('evaluations.create')}
                  </Link>
                }
              >
                {t('evaluations.noneHint')}
              </EmptyState>
            ) : (
              <DataTable
                label={t('nav.evaluations')}
                rows={evaluations}
                rowKey={(row) => row.name}
                onOpen={(row) => void navigate({ to: '/evaluations/$name', params: { name: row.name } })}
                columns={[
                  {
                    id: 'name',
                    header: t('evaluations.name'),
                    cell: (row) => (
                      <Link to="/evaluations/$name" params={{ name: row.name }} className="font-medium hover:underline">
                        {row.name}
                      </Link>
                    ),
                  },
                  { id: 'target', header: t('evaluations.target'), className: 'text-second', cell: (row) => row.target },
                  { id: 'dataset', header: t('evaluations.dataset'), className: 'hidden text-second huge:table-cell', cell: (row) => row.dataset },
                  { id: 'verdict', header: t('evaluations.verdict'), cell: (row) => <Verdict run={row.lastRun} /> },
                  { id: 'scores', header: t('evaluations.scores'), cell: (row) => <LastScores run={row.lastRun} /> },
                  { id: 'cost', header: t('common.cost'), align: 'right', cell: (row) => format.nano(row.lastRun?.costNanoUsd) },
                  { id: 'when', header: t('evaluations.lastRun'), align: 'right', cell: (row) => <Moment atMs={row.lastRun?.createdMs ?? null} ago /> },
                  {
                    id: 'start',
                    header: <span className="sr-only">{t('evaluations.start')}</span>,
                    align: 'right',
                    cell: (row) => <StartEvaluation name={row.name} compact />,
                  },
                ]}
              />
            )
          }
        </QueryView>
      </Panel>
    </Page>
  );
}

function LastScores({ run }: { readonly run: EvaluationRun | null }) {
  if (run === null) return <span className="text-third">–</span>;
  return (
    <span className="inline-flex gap-4">
      {Object.entries(run.means).map(([name, mean]) => (
        <ScoreLine key={name} name={name} mean={mean} threshold={thresholdOf(run.thresholds, name)} />
      ))}
    </span>
  );
}
