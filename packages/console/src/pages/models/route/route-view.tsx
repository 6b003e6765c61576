import type { RouteSpec } from '@maru/api/resources';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Fact, FactList } from '../../../components/facts.tsx';
import { useFormat } from '../../../format/use-format.ts';
import { useT } from '../../../i18n/index.ts';
import { BackendList } from './backend-list.tsx';
import { GuardrailList } from './guardrail-list.tsx';
import { useCondition } from './use-condition.ts';

/** What a route does with a request, in the order in which it does it. */
export function RouteView({ spec }: { readonly spec: RouteSpec }) {
  const t = useT();
  return (
    <>
      <Part title={t('route.backends')} hint={t(`route.strategy.${spec.strategy}`)}>
        <BackendList spec={spec} />
      </Part>
      <Part title={t('route.around')}>
        <FactList className="px-4 py-2" facts={useAround(spec)} />
      </Part>
      <Part title={t('route.recovery')}>
        <FactList className="px-4 py-2" facts={useRecovery(spec)} />
      </Part>
      <Part title={t('route.guardrails')} hint={spec.guardrails.length === 0 ? t('route.none') : undefined}>
        <GuardrailList guardrails={spec.guardrails} />
      </Part>
      <Part title={t('route.cache')} hint={spec.cache === undefined ? t('route.none') : undefined}>
        <FactList className="px-4 py-2" facts={useCacheFacts(spec)} />
      </Part>
    </>
  );
}

function Part({ title, hint, children }: { readonly title: string; readonly hint?: string | undefined; readonly children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t border-line first:border-t-0">
      <h3 className="flex items-baseline gap-2 px-4 pt-3 text-12 font-medium">
        {title}
        {hint === undefined ? null : <span className="text-11 font-normal text-third">{hint}</span>}
      </h3>
      {children}
      <div className="h-1" />
    </section>
  );
}

function ModelLink({ name }: { readonly name: string }) {
  return (
    <Link to="/models" search={{ id: name }} className="text-accent underline underline-offset-2">
      {name}
    </Link>
  );
}

function useAround(spec: RouteSpec): readonly Fact[] {
  const t = useT();
  const format = useFormat();
  const say = useCondition();
  const { canary, mirror, affinity } = spec;
  return [
    { label: t('route.policy'), value: spec.policy },
    ...(spec.aliases.length === 0 ? [] : [{ label: t('route.aliases'), value: spec.aliases.join(', ') }]),
    ...(canary === undefined
      ? []
      : [
          {
            label: t('route.canary'),
            value: (
              <>
                <ModelLink name={canary.model} /> {format.percent(canary.percent / 100)}
                {canary.when === undefined ? '' : ` · ${t('route.when', { condition: say(canary.when) })}`} ·{' '}
                {t('route.sticky', { by: t(`route.by.${canary.sticky}`) })}
              </>
            ),
          },
        ]),
    ...(mirror === undefined
      ? []
      : [
          {
            label: t('route.mirror'),
            value: (
              <>
                <ModelLink name={mirror.model} /> {format.percent(mirror.percent / 100)}
              </>
            ),
          },
        ]),
    ...(affinity === undefined
      ? []
      : [
          {
            label: t('route.affinity'),
            value: t('route.affinityLine', { by: t(`route.by.${affinity.by}`), to: t(`route.to.${affinity.to}`), ttl: affinity.ttl }),
          },
        ]),
    ...(spec.experiment === undefined ? [] : [{ label: t('route.experiment'), value: spec.experiment }]),
    ...(spec.classifier === undefined ? [] : [{ label: t('route.classifier'), value: spec.classifier.source ?? t('route.ownClassifier') }]),
    ...(spec.slo === undefined
      ? []
      : [{ label: 'SLO', value: [spec.slo.ttft && `TTFT ${spec.slo.ttft}`, spec.slo.itl && `ITL ${spec.slo.itl}`].filter(Boolean).join(' · ') }]),
  ];
}

function useRecovery(spec: RouteSpec): readonly Fact[] {
  const t = useT();
  const format = useFormat();
  const { retries, health, hedge, timeouts } = spec;
  const times = [
    spec.timeout === undefined ? undefined : t('route.timeout.all', { time: spec.timeout }),
    timeouts.attempt === undefined ? undefined : t('route.timeout.attempt', { time: timeouts.attempt }),
    timeouts.firstToken === undefined ? undefined : t('route.timeout.firstToken', { time: timeouts.firstToken }),
    timeouts.stall === undefined ? undefined : t('route.timeout.stall', { time: timeouts.stall }),
  ].filter((time) => time !== undefined);
  return [
    ...spec.fallbacks.map((fallback, index) => ({
      label: index === 0 ? t('route.fallbacks') : '\u00a0'.repeat(index),
      value: (
        <>
          {fallback.from === undefined ? '' : `${fallback.from} → `}
          {fallback.to.map((name, position) => (
            <span key={name}>
              {position === 0 ? '' : ', '}
              <ModelLink name={name} />
            </span>
          ))}
          {fallback.on === 'any' ? '' : ` · ${t(`route.on.${fallback.on}`)}`}
        </>
      ),
    })),
    { label: t('route.retries'), value: t('route.retriesLine', { n: retries.attempts, backoff: retries.backoff }) },
    {
      label: t('route.breaker'),
      value: t('route.breakerLine', {
        fails: health.allowedFails,
        cooldown: health.cooldown,
        most: health.maxCooldown,
        rate: format.percent(health.errorRate),
      }),
    },
    ...(hedge === undefined ? [] : [{ label: t('route.hedge'), value: t('route.hedgeLine', { after: hedge.after }) }]),
    ...(times.length === 0 ? [] : [{ label: t('route.timeouts'), value: times.join(' · ') }]),
  ];
}

function useCacheFacts({ cache }: RouteSpec): readonly Fact[] {
  const t = useT();
  const format = useFormat();
  if (cache === undefined) return [];
  return [
    {
      label: t('route.cacheMode'),
      value:
        cache.mode === 'exact'
          ? t('route.cacheExact')
          : t('route.cacheSemantic', { model: cache.embedding ?? '', threshold: format.decimal(cache.threshold, 2) }),
    },
    { label: t('route.cacheStore'), value: `${t(`route.store.${cache.store}`)} · ${cache.ttl}` },
    { label: t('route.cacheScope'), value: t(`route.by.${cache.scope}`) },
    { label: t('route.cacheCharge'), value: t('route.cacheChargeLine', { percent: format.percent(cache.chargePercent / 100) }) },
    ...(cache.default === 'on' ? [] : [{ label: t('route.cacheDefault'), value: t('route.cacheOnAsk') }]),
  ];
}
