import type { RouteDecision } from '@maru/api/records';
import type { ServedModel } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { recentDecisionsQuery } from '../../api/queries.ts';
import { DecisionView } from '../../components/decision-view.tsx';
import { Icon } from '../../components/icon.tsx';
import { Moment } from '../../components/moment.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Why the last requests went where they went; each opens to its candidates and leads to its trace. */
export function RecentDecisions({ model }: { readonly model: ServedModel }) {
  const t = useT();
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...recentDecisionsQuery(model.kind === 'route' ? { route: model.id } : { model: model.id }), refetchInterval: pollMs });
  return (
    <QueryView query={query} skeleton={<SkeletonRows rows={5} />}>
      {(decisions) =>
        decisions.length === 0 ? (
          <p className="px-4 py-3 text-12 text-second">{t('models.noDecisions')}</p>
        ) : (
          decisions.map((decision) => <DecisionLine key={decision.id} decision={decision} />)
        )
      }
    </QueryView>
  );
}

function DecisionLine({ decision }: { readonly decision: RouteDecision }) {
  const t = useT();
  const format = useFormat();
  return (
    <details className="group border-t border-faint first:border-t-0">
      <summary className="flex min-h-9 list-none items-center gap-2 px-4 text-12 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Icon name="chevronRight" size={12} className="text-third transition-transform duration-(--motion) group-open:rotate-90" />
        <span className="min-w-0 flex-1 truncate">
          <span className="font-medium">{decision.chosen}</span> <span className="text-second">{decision.reason}</span>
        </span>
        <span className="figure text-second">{format.duration(decision.realisedMs)}</span>
        <span className="text-11 text-third">
          <Moment atMs={decision.atMs} ago />
        </span>
      </summary>
      <DecisionView decision={decision} />
      <p className="px-4 pb-3">
        <Link to="/traces/$traceId" params={{ traceId: decision.traceId }} className="inline-flex items-center gap-1.5 text-12 text-accent hover:underline">
          {t('playground.openTrace')}
          <Icon name="arrowRight" size={12} />
        </Link>
      </p>
    </details>
  );
}
