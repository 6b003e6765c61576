import type { Overview } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { usePollMs } from '../../api/live.ts';
import { overviewQuery } from '../../api/queries.ts';
import { Page } from '../../components/page.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { useRange } from '../../shell/use-range.ts';
import { AttentionPanel } from './attention-panel.tsx';
import { EndpointsPanel } from './endpoints-panel.tsx';
import { FigureStrip } from './figure-strip.tsx';
import { FirstSteps } from './first-steps.tsx';
import { MoneyPanel } from './money-panel.tsx';
import { OverviewSkeleton } from './overview-skeleton.tsx';
import { SpendPanel } from './spend-panel.tsx';

/** Is it healthy, what does it cost, where does one have to look. */
export function OverviewPage() {
  const t = useT();
  const range = useRange();
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...overviewQuery(range), refetchInterval: pollMs, placeholderData: (previous) => previous });
  return (
    <Page>
      <PageHead title={t('nav.overview')} range />
      <QueryView query={query} skeleton={<OverviewSkeleton />}>
        {(overview) => <OverviewBody overview={overview} />}
      </QueryView>
    </Page>
  );
}

function OverviewBody({ overview }: { readonly overview: Overview }) {
  const t = useT();
  return (
    <>
      <FigureStrip overview={overview} />
      {overview.requests.total === 0 ? <FirstSteps /> : null}
      <div className="grid grid-cols-1 gap-4 wide:grid-cols-[minmax(0,2fr)_minmax(320px,1fr)]">
        <SpendPanel overview={overview} />
        <MoneyPanel tenants={overview.tenants} />
      </div>
      {overview.endpoints.length === 0 ? (
        <EmptyState icon="models" title={t('overview.noEndpoints')}>
          {t('overview.noEndpointsHint')}
        </EmptyState>
      ) : (
        <EndpointsPanel endpoints={overview.endpoints} />
      )}
      <AttentionPanel items={overview.attention} />
    </>
  );
}
