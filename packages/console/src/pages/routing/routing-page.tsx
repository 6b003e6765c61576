import type { Routing } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { routingQuery } from '../../api/routing.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { CalibrationPanel } from './calibration-panel.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import { DecisionsPanel } from './decisions-panel.tsx';
import { DegradationsPanel } from './degradations-panel.tsx';
import { EndpointsPanel } from './endpoints-panel.tsx';
import { PrefixPanel } from './prefix-panel.tsx';

/** Endpoints as the router sees them, where prompts live, why requests went where they went, and whether it was right. */
export function RoutingPage() {
  const t = useT();
  const pollMs = usePollMs(2000);
  const query = useQuery({ ...routingQuery, refetchInterval: pollMs });
  return (
    <>
      <PageHead title={t('nav.routing')} range />
      <QueryView
        query={query}
        skeleton={
          <div className="p-4">
            <SkeletonRows rows={10} />
          </div>
        }
      >
        {(routing) =>
          routing.endpoints.length === 0 ? (
            <EmptyState
              icon="routing"
              title={t('routing.none')}
              action={
                <Link to="/resources/new" search={{ kind: 'Model' }} className="control">
                  {t('models.create')}
                </Link>
              }
            >
              {t('routing.noneHint')}
            </EmptyState>
          ) : (
            <RoutingBody routing={routing} />
          )
        }
      </QueryView>
    </>
  );
}

function RoutingBody({ routing }: { readonly routing: Routing }) {
  const t = useT();
  const navigate = useNavigate({ from: '/routing' });
  const { model, decision } = useSearch({ from: '/routing' });
  const choose = (next: { model?: string | undefined; decision?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 wide:overflow-y-auto wide:px-5 wide:py-5">
        {routing.workers === 0 ? null : (
          <p className="flex gap-2 rounded-card border border-line bg-panel px-4 py-2 text-12 text-second">
            <Icon name="warning" size={14} className="mt-px text-amber" />
            {t('routing.workers', { n: routing.workers })}
          </p>
        )}
        <EndpointsPanel routing={routing} model={model} onModel={(next) => choose({ model: next })} />
        {routing.degradations.length === 0 ? null : <DegradationsPanel degradations={routing.degradations} />}
        <DecisionsPanel chosen={decision} onChoose={(next) => choose({ decision: next })} />
        <PrefixPanel routing={routing} />
        <CalibrationPanel endpoints={routing.endpoints} />
      </div>
      {decision === undefined ? null : <DecisionPanel key={decision} id={decision} onClose={() => choose({ decision: undefined })} />}
    </div>
  );
}
