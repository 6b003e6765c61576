import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePollMs } from '../../api/live.ts';
import { evaluationRunQuery } from '../../api/queries.ts';
import { FactStrip } from '../../components/facts.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { ScoreLine } from '../evaluations/score-line.tsx';
import { thresholdOf } from '../evaluations/threshold-of.ts';
import { Verdict } from '../evaluations/verdict.tsx';
import { RowPanel } from './row-panel.tsx';
import { failedFirst } from './row-verdict.ts';
import { RowsTable } from './rows-table.tsx';

/** One run: verdict with its reasons, means beside thresholds, rows with the failed ones first. */
export function RunView({ id, chooser }: { readonly id: string; readonly chooser: ReactNode }) {
  const t = useT();
  const format = useFormat();
  const navigate = useNavigate({ from: '/evaluations/$name' });
  const { row: rowId } = useSearch({ from: '/evaluations/$name' });
  const pollMs = usePollMs(2000);
  const query = useQuery({
    ...evaluationRunQuery(id),
    refetchInterval: ({ state }) => (state.data?.run.endedMs === null ? pollMs : false),
  });
  return (
    <QueryView
      query={query}
      skeleton={
        <div className="p-4">
          <SkeletonRows rows={10} />
        </div>
      }
    >
      {({ run, rows }) => {
        const sorted = failedFirst(rows, run.thresholds);
        const row = sorted.find((candidate) => candidate.row === rowId);
        return (
          <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
            <div className="flex min-w-0 flex-1 flex-col wide:overflow-y-auto">
              <header className="flex flex-wrap items-start gap-4 border-b border-line px-5 py-3">
                <FactStrip
                  facts={[
                    { label: t('evaluations.verdict'), value: <Verdict run={run} /> },
                    { label: t('evaluations.target'), value: run.target },
                    { label: t('evaluations.dataset'), value: run.dataset },
                    {
                      label: t('evaluations.rows'),
                      value: t('evaluations.rowsFailed', { rows: format.number(run.rows), failed: format.number(run.rowsFailed) }),
                    },
                    { label: t('common.cost'), value: format.nanoMoney(run.costNanoUsd) },
                  ]}
                />
                <div className="ml-auto">{chooser}</div>
              </header>
              <div className="flex flex-wrap gap-x-7 gap-y-2 border-b border-line px-5 py-3">
                {Object.entries(run.means).map(([name, mean]) => (
                  <ScoreLine key={name} name={name} mean={mean} threshold={thresholdOf(run.thresholds, name)} />
                ))}
              </div>
              {run.error === null && run.reasons.length === 0 ? null : (
                <ul className="border-b border-line bg-red-ground px-5 py-2 text-12 text-red">
                  {[...(run.error === null ? [] : [run.error.message]), ...run.reasons].map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              )}
              <RowsTable
                rows={sorted}
                thresholds={run.thresholds}
                chosen={row?.row}
                onChoose={(next) => void navigate({ search: (previous) => ({ ...previous, row: next }), replace: true })}
              />
            </div>
            {row === undefined ? null : (
              <RowPanel row={row} onClose={() => void navigate({ search: (previous) => ({ ...previous, row: undefined }), replace: true })} />
            )}
          </div>
        );
      }}
    </QueryView>
  );
}
