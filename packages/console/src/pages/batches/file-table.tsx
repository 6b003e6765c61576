import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deleteFile, downloadFile, filesQuery, type StoredFile } from '../../api/batches.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Files of this tenant: inputs, outputs, and what clients have uploaded. */
export function FileTable({ files }: { readonly files: readonly StoredFile[] }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const remove = useMutation({ mutationFn: deleteFile, onSuccess: () => client.invalidateQueries({ queryKey: filesQuery.queryKey }) });
  const download = useMutation({ mutationFn: downloadFile });
  return (
    <>
      <DataTable
        label={t('batches.files')}
        rows={files}
        rowKey={(row) => row.id}
        columns={[
          {
            id: 'name',
            header: t('batches.file'),
            cell: (row) => <span className="inline-block max-w-[320px] truncate align-bottom font-medium">{row.filename}</span>,
          },
          { id: 'purpose', header: t('batches.purpose'), className: 'text-second', cell: (row) => row.purpose },
          { id: 'bytes', header: t('batches.size'), align: 'right', cell: (row) => format.bytes(row.bytes) },
          { id: 'created', header: t('keys.created'), align: 'right', cell: (row) => <Moment atMs={row.created_at * 1000} ago /> },
          {
            id: 'actions',
            header: <span className="sr-only">{t('batches.actions')}</span>,
            align: 'right',
            cell: (row) => (
              <span className="inline-flex gap-2">
                <Button className="h-6!" icon="download" aria-label={t('batches.downloadOf', { name: row.filename })} onClick={() => download.mutate(row)}>
                  {t('batches.download')}
                </Button>
                <Button className="h-6!" look="danger" aria-label={t('batches.deleteOf', { name: row.filename })} onClick={() => remove.mutate(row.id)}>
                  {t('batches.delete')}
                </Button>
              </span>
            ),
          },
        ]}
      />
      <InlineError error={remove.error ?? download.error} className="mx-4 mb-3" />
    </>
  );
}
