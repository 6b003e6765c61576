import type { KnowledgeBaseInfo } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { knowledgeQuery } from '../../api/queries.ts';
import { DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { IngestionProgress } from './ingestion-progress.tsx';

/** Knowledge bases with how much they hold and how far an ingestion is. */
export function KnowledgePage() {
  const t = useT();
  const navigate = useNavigate();
  const format = useFormat();
  const pollMs = usePollMs(3000);
  const query = useQuery({ ...knowledgeQuery, refetchInterval: pollMs });
  const open = (row: KnowledgeBaseInfo): void => void navigate({ to: '/knowledge/$name', params: { name: row.name } });
  return (
    <Page>
      <PageHead title={t('nav.knowledge')} />
      <Panel label={t('nav.knowledge')}>
        <QueryView query={query}>
          {(bases) =>
            bases.length === 0 ? (
              <EmptyState
                icon="knowledge"
                title={t('knowledge.none')}
                action={
                  <Link to="/resources/new" search={{ kind: 'KnowledgeBase' }} className="control">
                    {t('knowledge.create')}
                  </Link>
                }
              >
                {t('knowledge.noneHint')}
              </EmptyState>
            ) : (
              <DataTable
                label={t('nav.knowledge')}
                rows={bases}
                rowKey={(row) => row.name}
                onOpen={open}
                columns={[
                  {
                    id: 'name',
                    header: t('knowledge.name'),
                    cell: (row) => (
                      <Link to="/knowledge/$name" params={{ name: row.name }} className="font-medium hover:underline">
                        {row.name}
                      </Link>
                    ),
                  },
                  {
                    id: 'description',
                    header: t('models.description'),
                    className: FILLS_THE_REST,
                    cell: (row) => row.description ?? '–',
                  },
                  { id: 'documents', header: t('knowledge.documents'), align: 'right', cell: (row) => format.number(row.documents) },
                  {
                    id: 'failed',
                    header: t('knowledge.failed'),
                    align: 'right',
                    cell: (row) => <span className={row.failed > 0 ? 'font-medium text-amber' : ''}>{format.number(row.failed)}</span>,
                  },
                  { id: 'passages', header: t('knowledge.passages'), align: 'right', cell: (row) => format.number(row.passages) },
                  { id: 'bytes', header: t('knowledge.size'), align: 'right', cell: (row) => format.bytes(row.bytes) },
                  { id: 'embedding', header: t('knowledge.embedding'), className: 'text-second', cell: (row) => row.embedding },
                  { id: 'state', header: t('knowledge.ingestion'), cell: (row) => <IngestionProgress base={row} /> },
                  { id: 'updated', header: t('knowledge.updated'), align: 'right', cell: (row) => <Moment atMs={row.updatedMs} ago /> },
                ]}
              />
            )
          }
        </QueryView>
      </Panel>
    </Page>
  );
}
