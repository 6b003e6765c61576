import type { KnowledgeBaseInfo } from '@maru/api/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { startIngestion } from '../../api/actions.ts';
import { usePollMs } from '../../api/live.ts';
import { knowledgeQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { FactStrip } from '../../components/facts.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { IngestionProgress } from '../knowledge/ingestion-progress.tsx';
import { DocumentsPanel } from './documents-panel.tsx';
import { SearchPanel } from './search-panel.tsx';

/** One knowledge base: search it, see its documents and what could not be read. */
export function KnowledgeBasePage() {
  const t = useT();
  const { name } = useParams({ from: '/knowledge/$name' });
  const pollMs = usePollMs(2500);
  const query = useQuery({ ...knowledgeQuery, refetchInterval: pollMs });
  return (
    <>
      <PageHead title={t('nav.knowledge')} detail={name} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(bases) => {
          const base = bases.find((candidate) => candidate.name === name);
          if (base !== undefined) return <BaseBody base={base} />;
          return (
            <EmptyState
              icon="knowledge"
              title={t('knowledge.missing', { name })}
              action={
                <Link to="/knowledge" className="control">
                  {t('knowledge.back')}
                </Link>
              }
            />
          );
        }}
      </QueryView>
    </>
  );
}

function BaseBody({ base }: { readonly base: KnowledgeBaseInfo }) {
  const t = useT();
  const format = useFormat();
  return (
    <>
      <header className="flex flex-wrap items-start gap-4 border-b border-line px-5 py-3">
        <FactStrip
          facts={[
            { label: t('knowledge.documents'), value: format.number(base.documents) },
            { label: t('knowledge.failed'), value: <span className={base.failed > 0 ? 'text-amber' : ''}>{format.number(base.failed)}</span> },
            { label: t('knowledge.passages'), value: format.number(base.passages) },
            { label: t('knowledge.size'), value: format.bytes(base.bytes) },
            { label: t('knowledge.embedding'), value: base.embedding },
            { label: t('knowledge.updated'), value: <Moment atMs={base.updatedMs} ago /> },
            { label: t('knowledge.ingestion'), value: <IngestionProgress base={base} /> },
          ]}
        />
        <div className="ml-auto flex flex-col items-end">
          <Reingest base={base} />
        </div>
      </header>
      <div className="grid grid-cols-1 items-start gap-4 p-4 wide:grid-cols-2 wide:px-5 wide:py-5">
        <SearchPanel base={base.name} />
        <DocumentsPanel base={base} />
      </div>
    </>
  );
}

function Reingest({ base }: { readonly base: KnowledgeBaseInfo }) {
  const t = useT();
  const client = useQueryClient();
  const start = useMutation({ mutationFn: () => startIngestion(base.name), onSuccess: () => client.invalidateQueries({ queryKey: knowledgeQuery.queryKey }) });
  return (
    <>
      <Button icon="refresh" busy={start.isPending || base.ingestion !== null} onClick={() => start.mutate()}>
        {t('knowledge.ingest')}
      </Button>
      <InlineError error={start.error} />
    </>
  );
}
