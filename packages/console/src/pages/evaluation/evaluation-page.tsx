import type { EvaluationRun } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { evaluationRunsQuery } from '../../api/queries.ts';
import { Select } from '../../components/field.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { StartEvaluation } from '../evaluations/start-evaluation.tsx';
import { RunView } from './run-view.tsx';

/** The runs of one evaluation; the chosen one stands in the address, else the last. */
export function EvaluationPage() {
  const t = useT();
  const { name } = useParams({ from: '/evaluations/$name' });
  const { run: runId } = useSearch({ from: '/evaluations/$name' });
  const pollMs = usePollMs(3000);
  const query = useQuery({ ...evaluationRunsQuery(name), refetchInterval: pollMs });
  return (
    <>
      <PageHead title={t('nav.evaluations')} detail={name} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(runs) =>
          runs.length === 0 ? (
            <EmptyState icon="evaluations" title={t('evaluations.noRuns')} action={<StartEvaluation name={name} />}>
              {t('evaluations.noRunsHint')}
            </EmptyState>
          ) : (
            <Runs name={name} runs={runs} runId={runId} />
          )
        }
      </QueryView>
    </>
  );
}

function Runs({ name, runs, runId }: { readonly name: string; readonly runs: readonly EvaluationRun[]; readonly runId: string | undefined }) {
  const t = useT();
  const format = useFormat();
  const navigate = useNavigate({ from: '/evaluations/$name' });
  const run = runs.find((candidate) => candidate.id === runId) ?? runs[0];
  if (run === undefined) return null;
  return (
    <RunView
      id={run.id}
      chooser={
        <div className="flex items-center gap-2">
          <Select
            label={t('evaluations.run')}
            value={run.id}
            choices={runs.map((candidate) => ({
              value: candidate.id,
              label: `${format.moment(candidate.createdMs)} · ${t(candidate.verdict === null ? `state.${candidate.state}` : `state.${candidate.verdict}`)}`,
            }))}
            onChange={(id) => void navigate({ search: (previous) => ({ ...previous, run: id, row: undefined }), replace: true })}
          />
          <StartEvaluation name={name} />
        </div>
      }
    />
  );
}
