import type { DecisionDetail } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { decisionQuery } from '../../api/routing.ts';
import { IconButton } from '../../components/button.tsx';
import { DecisionView } from '../../components/decision-view.tsx';
import { Icon } from '../../components/icon.tsx';
import { Moment } from '../../components/moment.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { Elsewhere } from './elsewhere.tsx';
import { PlacesView } from './places-view.tsx';
import { ScoreParts } from './score-parts.tsx';

/** One request: its candidates, what decided, what would have happened elsewhere, and where its prompt lives now. */
export function DecisionPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const t = useT();
  const query = useQuery({ ...decisionQuery(id), refetchInterval: ({ state }) => (state.data?.decision.outcome === null ? 2000 : false) });
  return (
    <aside
      aria-label={t('routing.decision')}
      className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[440px] wide:overflow-y-auto wide:border-l"
    >
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="min-w-0 font-bold break-words">{query.data?.decision.route ?? t('routing.decision')}</h2>
        {query.data === undefined ? null : (
          <span className="text-12 text-third">
            <Moment atMs={query.data.decision.atMs} />
          </span>
        )}
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <QueryView query={query} skeleton={<SkeletonRows rows={8} />}>
        {(detail) => <Detail detail={detail} />}
      </QueryView>
    </aside>
  );
}

function Detail({ detail }: { readonly detail: DecisionDetail }) {
  const t = useT();
  const { decision, places } = detail;
  return (
    <>
      <DecisionView decision={decision} />
      <Section title={t('routing.elsewhere')}>
        <Elsewhere detail={detail} />
      </Section>
      <Section title={t('routing.parts')}>
        <ScoreParts decision={decision} />
      </Section>
      <Section title={t('routing.placesNow')}>
        {places === null ? <p className="px-4 pb-3 text-12 text-second">{t('routing.placesUnknown')}</p> : <PlacesView places={places} />}
      </Section>
      <p className="border-t border-line px-4 py-3">
        <Link to="/traces/$traceId" params={{ traceId: decision.traceId }} className="inline-flex items-center gap-1.5 text-12 text-accent hover:underline">
          {t('routing.openTrace')}
          <Icon name="arrowRight" size={12} />
        </Link>
      </p>
    </>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 pb-1 text-12 font-bold">{title}</h3>
      {children}
    </section>
  );
}
