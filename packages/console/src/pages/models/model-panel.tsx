import type { EndpointState, ServedModel } from '@maru/api/wire';
import { Link } from '@tanstack/react-router';
import { HitBar, ShareBar } from '../../components/bars.tsx';
import { IconButton } from '../../components/button.tsx';
import { FactList } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { SimulatedTag, StateTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** A model or route: what it is, what it costs, and each replica as it is now. */
export function ModelPanel({ model, onClose }: { readonly model: ServedModel; readonly onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const { price } = model;
  return (
    <aside aria-label={model.id} className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[400px] wide:overflow-y-auto wide:border-l">
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="font-bold">{model.id}</h2>
        {model.simulated ? <SimulatedTag /> : null}
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <p className="px-4 text-12 text-third">{t(`models.kind.${model.kind}`)}</p>
      <div className="flex flex-wrap gap-2 px-4 py-3">
        {model.capabilities.includes('chat') ? (
          <Link to="/playground" search={{ model: model.id }} className="control control-primary">
            <Icon name="playground" size={14} />
            {t('models.ask')}
          </Link>
        ) : null}
        <Link to="/traces" search={{ model: model.id }} className="control">
          {t('models.traces')}
        </Link>
        <Link to="/resources/$kind/$name" params={{ kind: model.kind === 'route' ? 'Route' : 'Model', name: model.id }} className="control">
          {t('models.edit')}
        </Link>
      </div>
      <FactList
        className="border-t border-line px-4 py-3"
        facts={[
          ...(model.provider === null ? [] : [{ label: t('endpoints.engine'), value: model.provider }]),
          ...(model.targets.length === 0 ? [] : [{ label: t('models.targets'), value: model.targets.join(' → ') }]),
          { label: t('models.capabilities'), value: model.capabilities.length === 0 ? '–' : model.capabilities.join(', ') },
          ...(model.contextWindow === null
            ? []
            : [{ label: t('models.context'), value: t('models.contextTokens', { n: format.number(model.contextWindow) }) }]),
          {
            label: t('models.price'),
            value:
              price === null ? (
                t('common.noPrice')
              ) : (
                <>
                  {t('models.priceLine', { input: format.usd(price.inputUsdPerMillion), output: format.usd(price.outputUsdPerMillion) })}
                  <span className="block text-11 text-third">{price.source}</span>
                </>
              ),
          },
        ]}
      />
      {model.endpoints.length === 0 ? null : (
        <section className="border-t border-line px-4 py-3">
          <h3 className="mb-1 text-12 font-medium">{t('models.replicas')}</h3>
          {model.endpoints.map((endpoint) => (
            <Replica key={endpoint.endpoint} endpoint={endpoint} />
          ))}
        </section>
      )}
      <section className="border-t border-line px-4 py-3">
        <h3 className="mb-1 text-12 font-medium">{t('models.card')}</h3>
        <div className="text-second">{model.card === null ? <p>{model.description ?? t('models.noCard')}</p> : <Markdown source={model.card} />}</div>
      </section>
    </aside>
  );
}

function Replica({ endpoint }: { readonly endpoint: EndpointState }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="border-t border-faint py-2 first-of-type:border-t-0">
      <p className="flex items-center gap-2">
        <span className="font-medium">{endpoint.endpoint}</span>
        <StateTag state={endpoint.state} />
        <span className="ml-auto text-12 text-second">
          {t('models.load', { running: format.number(endpoint.running), waiting: format.number(endpoint.waiting) })}
        </span>
      </p>
      <FactList
        className="mt-1"
        facts={[
          { label: t('endpoints.kv'), value: <ShareBar share={endpoint.kvUse} /> },
          { label: t('endpoints.hit'), value: <HitBar expected={endpoint.expectedHit} realised={endpoint.realisedHit} /> },
          { label: t('endpoints.ttft'), value: `${format.duration(endpoint.ttftP50Ms)} · ${format.duration(endpoint.ttftP95Ms)}` },
        ]}
      />
    </div>
  );
}
