import type { TraceSummary } from '@maru/api/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { tracesQuery } from '../../api/traces.ts';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../components/states.tsx';
import { StateTag } from '../../components/tag.tsx';
import { TokenFlow } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { useRange } from '../../shell/use-range.ts';
import { TraceFilters } from './trace-filters.tsx';

/** Every request, newest first; the filters stand in the address. */
export function TracesPage() {
  const t = useT();
  const navigate = useNavigate();
  const range = useRange();
  const { text, model, status, tenant, session, minDurationMs } = useSearch({ from: '/traces' });
  const pollMs = usePollMs(5000);
  const query = useInfiniteQuery({
    ...tracesQuery({ range, text, model, status, tenant, session, minDurationMs }),
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= 1 ? pollMs : false),
    placeholderData: (previous) => previous,
  });
  const columns = useTraceColumns();
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = [text, model, status, tenant, session, minDurationMs].some((value) => value !== undefined);
  return (
    <Page>
      <PageHead title={t('nav.traces')} range />
      <TraceFilters />
      <Panel label={t('nav.traces')}>
        {query.isPending ? <SkeletonRows rows={12} /> : null}
        {query.isError && rows.length === 0 ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.isSuccess && rows.length === 0 ? (
          <EmptyState icon="traces" title={filtered ? t('traces.noneFiltered') : t('traces.none')}>
            {filtered ? t('traces.noneFilteredHint') : t('traces.noneHint')}
          </EmptyState>
        ) : null}
        {rows.length === 0 ? null : (
          <DataTable
            label={t('nav.traces')}
            rows={rows}
            rowKey={(row) => row.traceId}
            columns={columns}
            onOpen={(row) => void navigate({ to: '/traces/$traceId', params: { traceId: row.traceId } })}
          />
        )}
      </Panel>
      <div className="flex flex-col items-center">
        {query.hasNextPage ? (
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('common.loadMore')}
          </Button>
        ) : null}
        <InlineError error={query.isFetchNextPageError ? query.error : null} />
      </div>
    </Page>
  );
}

function useTraceColumns(): readonly Column<TraceSummary>[] {
  const t = useT();
  const format = useFormat();
  return [
    { id: 'time', header: t('traces.time'), className: 'text-second w-0', cell: (row) => <Moment atMs={row.startMs} /> },
    {
      id: 'name',
      header: t('traces.name'),
      cell: (row) => (
        <Link to="/traces/$traceId" params={{ traceId: row.traceId }} className="font-medium hover:underline">
          {row.name}
        </Link>
      ),
    },
    { id: 'model', header: t('common.model'), className: 'text-second', cell: (row) => row.model ?? '–' },
    {
      id: 'status',
      header: t('traces.status'),
      cell: (row) => (
        <span className="inline-flex items-center gap-2 align-middle">
          <StateTag state={row.status} />
          {row.status === 'error' && row.statusMessage !== null ? (
            <span className="inline-block max-w-[260px] truncate text-12 text-second">{row.statusMessage}</span>
          ) : null}
        </span>
      ),
    },
    { id: 'tenant', header: t('common.tenant'), className: 'text-second', cell: (row) => row.tenant },
    { id: 'spans', header: t('traces.spans'), align: 'right', cell: (row) => format.number(row.spans) },
    { id: 'tokens', header: t('traces.tokens'), align: 'right', cell: (row) => <TokenFlow usage={row.usage} /> },
    { id: 'duration', header: t('traces.duration'), align: 'right', cell: (row) => format.duration(row.durationMs) },
    { id: 'cost', header: t('common.cost'), align: 'right', cell: (row) => format.nano(row.costNanoUsd) },
  ];
}
