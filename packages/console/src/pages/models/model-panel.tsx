import { routeKind } from '@maru/api/resources';
import type { EndpointState, ServedModel } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { resourceQuery } from '../../api/queries.ts';
import { HitBar, ShareBar } from '../../components/bars.tsx';
import { BreakerTag } from '../../components/breaker-tag.tsx';
import { IconButton } from '../../components/button.tsx';
import { FactList } from '../../components/facts.tsx';
import { FirstTokenTimes } from '../../components/first-token-times.tsx';
import { Icon } from '../../components/icon.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { QueryView, SkeletonRows } from '../../components/states.tsx';
import { type Tab, Tabs } from '../../components/tabs.tsx';
import { SimulatedTag, StateTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { FormatTable } from './format-table.tsx';
import { PriceFacts } from './price-facts.tsx';
import { RecentDecisions } from './recent-decisions.tsx';
import { RouteView } from './route/route-view.tsx';

const KINDS_OF = { model: 'Model', route: 'Route', agent: 'Agent' } as const;

interface ModelPanelProps {
  readonly model: ServedModel;
  readonly tab: string | undefined;
  readonly onTab: (tab: string) => void;
  readonly onClose: () => void;
}

/** A model or route: what it is, what it costs, how it stands, and why requests went there. */
export function ModelPanel({ model, tab, onTab, onClose }: ModelPanelProps) {
  const t = useT();
  const tabs: Tab[] = [
    model.kind === 'route'
      ? { id: 'route', label: t('models.tab.route'), content: <RouteTab name={model.resource} /> }
      : { id: 'model', label: t('models.tab.model'), content: <ModelTab model={model} /> },
    ...(model.formats.length === 0 ? [] : [{ id: 'formats', label: t('models.tab.formats'), content: <FormatTable formats={model.formats} /> }]),
    ...(model.kind === 'agent' ? [] : [{ id: 'why', label: t('models.tab.why'), content: <RecentDecisions model={model} /> }]),
    ...(model.card === null
      ? []
      : [
          {
            id: 'card',
            label: t('models.card'),
            content: (
              <div className="p-4 text-second">
                <Markdown source={model.card} />
              </div>
            ),
          },
        ]),
  ];
  const current = tabs.find((candidate) => candidate.id === tab) ?? tabs[0];
  return (
    <aside aria-label={model.id} className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[420px] wide:overflow-y-auto wide:border-l">
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="min-w-0 font-bold break-words">{model.id}</h2>
        {model.simulated ? <SimulatedTag /> : null}
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <p className="px-4 text-12 text-third">{model.description ?? t(`models.kind.${model.kind}`)}</p>
      <div className="flex flex-wrap gap-2 px-4 py-3">
        {model.kind === 'route' || model.capabilities.includes('chat') ? (
          <Link to="/playground" search={{ model: model.id }} className="control control-primary">
            <Icon name="playground" size={14} />
            {t('models.ask')}
          </Link>
        ) : null}
        <Link to="/traces" search={{ model: model.id }} className="control">
          {t('models.traces')}
        </Link>
        <Link to="/resources/$kind/$name" params={{ kind: KINDS_OF[model.kind], name: model.resource }} className="control">
          {t('models.edit')}
        </Link>
      </div>
      <Tabs label={model.id} tabs={tabs} value={current?.id ?? ''} onChange={onTab} />
    </aside>
  );
}

function RouteTab({ name }: { readonly name: string }) {
  const t = useT();
  const query = useQuery(resourceQuery('Route', name));
  return (
    <QueryView query={query} skeleton={<SkeletonRows rows={8} />}>
      {({ resource }) => {
        const spec = routeKind.spec.safeParse(resource.spec);
        return spec.success ? <RouteView spec={spec.data} /> : <p className="p-4 text-12 text-second">{t('route.unreadable')}</p>;
      }}
    </QueryView>
  );
}

function ModelTab({ model }: { readonly model: ServedModel }) {
  const t = useT();
  const format = useFormat();
  const provider = model.providerTitle === null ? model.provider : model.providerTitle;
  return (
    <>
      <FactList
        className="px-4 py-3"
        facts={[
          ...(provider === null ? [] : [{ label: model.providerTitle === null ? t('endpoints.engine') : t('models.provider'), value: provider }]),
          ...(model.servedName === null || model.servedName === model.id
            ? []
            : [{ label: t('models.servedName'), value: <code className="font-mono text-11">{model.servedName}</code> }]),
          ...(model.targets.length === 0 ? [] : [{ label: t('models.targets'), value: model.targets.join(' → ') }]),
          { label: t('models.capabilities'), value: model.capabilities.length === 0 ? '–' : model.capabilities.join(', ') },
          ...(model.formats.length === 0 ? [] : [{ label: t('models.speaks'), value: model.formats.join(', ') }]),
          ...(model.refuses.length === 0 ? [] : [{ label: t('models.refuses'), value: model.refuses.join(', ') }]),
          ...(model.contextWindow === null
            ? []
            : [{ label: t('models.context'), value: t('models.contextTokens', { n: format.number(model.contextWindow) }) }]),
        ]}
      />
      {model.kind === 'agent' ? null : (
        <section className="border-t border-line px-4 py-3">
          <h3 className="mb-1 text-12 font-medium">{t('models.price')}</h3>
          <PriceFacts price={model.price} />
        </section>
      )}
      {model.endpoints.length === 0 ? null : (
        <section className="border-t border-line px-4 py-3">
          <h3 className="mb-1 text-12 font-medium">{t('models.health')}</h3>
          {model.endpoints.map((endpoint) => (
            <Replica key={endpoint.endpoint} endpoint={endpoint} />
          ))}
        </section>
      )}
    </>
  );
}

function Replica({ endpoint }: { readonly endpoint: EndpointState }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="border-t border-faint py-2 first-of-type:border-t-0">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{endpoint.endpoint}</span>
        {endpoint.breaker.state === 'closed' ? <StateTag state={endpoint.state} /> : null}
        <BreakerTag breaker={endpoint.breaker} />
        <span className="ml-auto text-12 text-second">
          {t('models.load', { running: format.number(endpoint.running), waiting: format.number(endpoint.waiting) })}
        </span>
      </p>
      <FactList
        className="mt-1"
        facts={[
          { label: t('endpoints.kv'), value: <ShareBar share={endpoint.kvUse} /> },
          { label: t('endpoints.hit'), value: <HitBar expected={endpoint.expectedHit} realised={endpoint.realisedHit} /> },
          { label: t('endpoints.ttft'), value: <FirstTokenTimes endpoint={endpoint} /> },
          {
            label: t('endpoints.errors'),
            value: (
              <span className={endpoint.errors > 0 ? 'text-red' : ''}>
                {format.number(endpoint.errors)} / {format.number(endpoint.requests)}
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}
