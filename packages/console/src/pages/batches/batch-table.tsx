import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Batch, batchesQuery, cancelBatch, downloadFile } from '../../api/batches.ts';
import { Bar } from '../../components/bars.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { Tag, type Tone } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

const STATES = ['validating', 'in_progress', 'finalizing', 'completed', 'failed', 'expired', 'cancelling', 'cancelled'] as const;
const TONES: Readonly<Record<string, Tone>> = {
  validating: 'accent',
  in_progress: 'accent',
  finalizing: 'accent',
  failed: 'red',
  expired: 'amber',
  cancelling: 'amber',
};
const RUNS: ReadonlySet<string> = new Set(['validating', 'in_progress']);

/** Batches with their lines as they end; outputs are downloaded here. */
export function BatchTable({ batches }: { readonly batches: readonly Batch[] }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const cancel = useMutation({ mutationFn: cancelBatch, onSuccess: () => client.invalidateQueries({ queryKey: batchesQuery.queryKey }) });
  const download = useMutation({ mutationFn: downloadFile });
  return (
    <>
      <DataTable
        label={t('nav.batches')}
        rows={batches}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'id',
            header: t('batches.batch'),
            cell: (row) => (
              <span title={row.errors?.data.map((problem) => `${problem.line ?? ''} ${problem.message}`).join('\n')}>
                <code className="font-mono text-11">{row.id}</code>
                {row.errors === null ? null : <span className="ml-2 text-12 text-red">{row.errors.data[0]?.message}</span>}
              </span>
            ),
          },
          { id: 'endpoint', header: t('batches.endpoint'), className: 'text-second', cell: (row) => row.endpoint },
          { id: 'state', header: t('trace.status'), cell: (row) => <BatchState state={row.status} /> },
          {
            id: 'lines',
            header: t('batches.lines'),
            cell: ({ request_counts: counts }) => (
              <span className="figure inline-flex items-center gap-2 align-middle">
                <Bar share={counts.total === 0 ? 0 : (counts.completed + counts.failed) / counts.total} warn={counts.failed > 0} />
                <span className="text-12 text-second">
                  {format.number(counts.completed + counts.failed)} / {format.number(counts.total)}
                </span>
              </span>
            ),
          },
          {
            id: 'failed',
            header: t('batches.failed'),
            align: 'right',
            cell: ({ request_counts: { failed } }) => <span className={failed > 0 ? 'text-red' : 'text-third'}>{format.number(failed)}</span>,
          },
          { id: 'created', header: t('keys.created'), align: 'right', cell: (row) => <Moment atMs={row.created_at * 1000} ago /> },
          {
            id: 'actions',
            header: <span className="sr-only">{t('batches.actions')}</span>,
            align: 'right',
            cell: ({ id, status, output_file_id: output, error_file_id: errors }) => (
              <span className="inline-flex gap-2">
                {output === null ? null : (
                  <Button className="h-6!" icon="download" onClick={() => download.mutate({ id: output, filename: `${id}-output.jsonl` })}>
                    {t('batches.output')}
                  </Button>
                )}
                {errors === null ? null : (
                  <Button className="h-6!" icon="download" onClick={() => download.mutate({ id: errors, filename: `${id}-errors.jsonl` })}>
                    {t('batches.errors')}
                  </Button>
                )}
                {RUNS.has(status) ? (
                  <Button className="h-6!" look="danger" onClick={() => cancel.mutate(id)}>
                    {t('common.cancel')}
                  </Button>
                ) : null}
              </span>
            ),
          },
        ]}
      />
      <InlineError error={cancel.error ?? download.error} className="mx-4 mb-3" />
    </>
  );
}

function BatchState({ state }: { readonly state: string }) {
  const t = useT();
  const known = STATES.find((name) => name === state);
  const word = known === undefined ? state : t(`batches.state.${known}`);
  const tone = TONES[state];
  return tone === undefined ? <span className="text-12 text-second">{word}</span> : <Tag tone={tone}>{word}</Tag>;
}
