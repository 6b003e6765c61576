import type { documentListSchema, KnowledgeBaseInfo } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { z } from 'zod';
import { usePollMs } from '../../api/live.ts';
import { documentsQuery } from '../../api/queries.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

type Document = z.infer<typeof documentListSchema>['items'][number];

/** Documents; those that could not be read stand first and say why. */
export function DocumentsPanel({ base }: { readonly base: KnowledgeBaseInfo }) {
  const t = useT();
  const navigate = useNavigate({ from: '/knowledge/$name' });
  const { state } = useSearch({ from: '/knowledge/$name' });
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...documentsQuery(base.name), refetchInterval: pollMs });
  return (
    <Panel
      title={t('knowledge.documents')}
      hint={query.data?.length}
      actions={
        base.failed === 0 ? undefined : (
          <Segmented
            label={t('knowledge.show')}
            value={state ?? 'all'}
            choices={[
              { value: 'all', label: t('knowledge.all') },
              { value: 'failed', label: t('knowledge.onlyFailed', { n: base.failed }) },
            ]}
            onChange={(next) => void navigate({ search: (previous) => ({ ...previous, state: next === 'failed' ? 'failed' : undefined }), replace: true })}
          />
        )
      }
    >
      <QueryView query={query}>
        {(documents) => {
          const shown = documents
            .filter((document) => state === undefined || document.state === state)
            .toSorted((left, right) => Number(right.state === 'failed') - Number(left.state === 'failed') || left.path.localeCompare(right.path));
          return shown.length === 0 ? (
            <EmptyState icon="knowledge" title={t('knowledge.noDocuments')}>
              {t('knowledge.noDocumentsHint')}
            </EmptyState>
          ) : (
            <DocumentTable documents={shown} />
          );
        }}
      </QueryView>
    </Panel>
  );
}

function DocumentTable({ documents }: { readonly documents: readonly Document[] }) {
  const t = useT();
  const format = useFormat();
  return (
    <DataTable
      label={t('knowledge.documents')}
      rows={documents}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'path',
          header: t('knowledge.path'),
          cell: (row) => (
            <span className="block max-w-[220px] huge:max-w-[320px] truncate" title={row.title ?? row.path}>
              {row.path}
            </span>
          ),
        },
        { id: 'type', header: t('knowledge.type'), className: 'text-second max-huge:hidden', cell: (row) => row.type },
        {
          id: 'state',
          header: t('knowledge.state'),
          cell: (row) => (
            <span className="inline-flex items-center gap-2 align-middle">
              <StateTag state={row.state} />
              {row.error === null ? null : (
                <span className="inline-block max-w-[180px] huge:max-w-[280px] truncate text-12 text-second" title={row.error}>
                  {row.error}
                </span>
              )}
            </span>
          ),
        },
        { id: 'passages', header: t('knowledge.passages'), align: 'right', cell: (row) => format.number(row.passages) },
        { id: 'bytes', header: t('knowledge.size'), align: 'right', cell: (row) => format.bytes(row.bytes) },
        { id: 'updated', header: t('knowledge.updated'), align: 'right', className: 'max-huge:hidden', cell: (row) => <Moment atMs={row.updatedMs} ago /> },
      ]}
    />
  );
}
