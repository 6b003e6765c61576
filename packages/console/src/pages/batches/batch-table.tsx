import type { BatchSummary } from '@maru/api/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { batchesQuery, cancelBatch, downloadFile } from '../../api/batches.ts';
import { sessionQuery } from '../../api/session.ts';
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

/** Batches of all tenants with their lines as they end. Outputs of one's own tenant are downloaded here; those of others belong to them. */
export function BatchTable({ batches }: { readonly batches: readonly BatchSummary[] }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const { data: session } = useQuery({ ...sessionQuery, enabled: false });
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
              <>
                <code className="font-mono text-11">{row.id}</code>
                {row.problem === null ? null : <span className="ml-2 text-12 text-red">{row.problem}</span>}
              </>
            ),
          },
          { id: 'tenant', header: t('keys.field.tenant'), className: 'text-second', cell: (row) => row.tenant },
          { id: 'endpoint', header: t('batches.endpoint'), className: 'text-second', cell: (row) => row.endpoint },
          { id: 'state', header: t('trace.status'), cell: (row) => <BatchState state={row.state} /> },
          {
            id: 'lines',
            header: t('batches.lines'),
            cell: ({ lines: counts }) => (
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
            cell: ({ lines: { failed } }) => <span className={failed > 0 ? 'text-red' : 'text-third'}>{format.number(failed)}</span>,
          },
          { id: 'created', header: t('keys.created'), align: 'right', cell: (row) => <Moment atMs={row.createdMs} ago /> },
          {
            id: 'actions',
            header: <span className="sr-only">{t('batches.actions')}</span>,
            align: 'right',
            cell: ({ id, tenant, state, outputFileId: output, errorFileId: errors }) => (
              <span className="inline-flex gap-2">
                {output === null || tenant !== session?.principal.tenant ? null : (
                  <Button className="h-6!" icon="download" onClick={() => download.mutate({ id: output, filename: `${id}-output.jsonl` })}>
                    {t('batches.output')}
                  </Button>
                )}
                {errors === null || tenant !== session?.principal.tenant ? null : (
                  <Button className="h-6!" icon="download" onClick={() => download.mutate({ id: errors, filename: `${id}-errors.jsonl` })}>
                    {t('batches.errors')}
                  </Button>
                )}
                {RUNS.has(state) ? (
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
