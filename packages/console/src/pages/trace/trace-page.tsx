import type { TraceDetail } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useLive } from '../../api/live.ts';
import { decisionsQuery, traceQuery } from '../../api/queries.ts';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { SpanPanel } from './span-panel.tsx';
import { TraceHead } from './trace-head.tsx';
import { Waterfall } from './waterfall.tsx';

/** One request from the gateway to the last tool, with its times, tokens and money. */
export function TracePage() {
  const t = useT();
  const { traceId } = useParams({ from: '/traces/$traceId' });
  const live = useLive();
  const query = useQuery({
    ...traceQuery(traceId),
    refetchInterval: ({ state }) => (live && state.data?.spans.some((span) => span.endMs === null) === true ? 2000 : false),
  });
  const format = useFormat();
  const detail = query.data === undefined ? traceId.slice(0, 12) : `${query.data.summary.name} · ${format.moment(query.data.summary.startMs)}`;
  return (
    <>
      <PageHead title={t('trace.title')} detail={detail} />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(trace) => <TraceBody trace={trace} />}
      </QueryView>
    </>
  );
}

function TraceBody({ trace }: { readonly trace: TraceDetail }) {
  const navigate = useNavigate({ from: '/traces/$traceId' });
  const { span: spanId, tab } = useSearch({ from: '/traces/$traceId' });
  const decisions = useQuery(decisionsQuery(trace.summary.traceId)).data ?? [];
  const span =
    trace.spans.find((candidate) => candidate.spanId === spanId) ??
    trace.spans.find((candidate) => candidate.kind === 'engine') ??
    trace.spans.find((candidate) => candidate.parentSpanId === null) ??
    trace.spans[0];
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <div className="flex min-w-0 flex-1 flex-col wide:overflow-y-auto">
        <TraceHead trace={trace} decisions={decisions} />
        <Waterfall
          spans={trace.spans}
          chosen={span?.spanId}
          onChoose={(id) => void navigate({ search: (previous) => ({ ...previous, span: id }), replace: true })}
        />
      </div>
      {span === undefined ? null : (
        <SpanPanel
          span={span}
          trace={trace}
          decisions={decisions}
          tab={tab}
          onTab={(next) => void navigate({ search: (previous) => ({ ...previous, tab: next }), replace: true })}
        />
      )}
    </div>
  );
}
