import { addUsage, type Charge, ZERO_USAGE } from '@maru/api/records';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerTraceQuery, chargesOfTraceQuery, decisionsQuery } from '../../api/queries.ts';
import { costOfTrace } from '../../api/trace-cost.ts';
import { DecisionList } from '../../components/decision-list.tsx';
import { type Fact, FactList } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { SkeletonRows } from '../../components/states.tsx';
import { useUsageFacts } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { AttemptList } from './attempt-list.tsx';
import { CodePanel } from './code-panel.tsx';
import type { Turn } from './conversation.ts';
import { GuardDecisions } from './guard-decisions.tsx';

const SETTLE_MS = 300;
/** After this many looks the cost stays open; a platform under load settles later, and the trace shows it then. */
const SETTLE_POLLS = 60;
/** An answer out of a cache is often not charged at all. */
const CHARGE_POLLS = 8;

/** Everything about one answer: guardrails, cache, route, attempts, tokens, money, and the code that asks the same. */
export function TurnDetails({ turn }: { readonly turn: Turn }) {
  const t = useT();
  const traceId = turn.route?.traceId ?? '';
  const ended = turn.state === 'done' || turn.state === 'stopped' || turn.state === 'failed';
  const decisions = useQuery({
    ...decisionsQuery(traceId),
    enabled: traceId !== '',
    refetchInterval: (query) =>
      query.state.dataUpdateCount < 12 && (query.state.data ?? []).every((decision) => decision.realisedCachedTokens === null) ? 1000 : false,
  });
  const trace = useQuery({
    ...answerTraceQuery(traceId),
    enabled: ended && traceId !== '',
    refetchInterval: ({ state }) => (state.dataUpdateCount < SETTLE_POLLS && (state.data == null || !costOfTrace(state.data).settled) ? SETTLE_MS : false),
  });
  const settled = trace.data != null && costOfTrace(trace.data).settled;
  const charges = useQuery({
    ...chargesOfTraceQuery(traceId),
    enabled: settled,
    refetchInterval: ({ state }) => (state.data?.length === 0 && state.dataUpdateCount < CHARGE_POLLS ? SETTLE_MS : false),
  });
  const spans = trace.data?.spans ?? [];
  return (
    <>
      <CacheLine turn={turn} />
      <GuardDecisions spans={spans} />
      <AttemptList spans={spans} />
      <section className="border-b border-line">
        <h2 className="px-4 pt-3 text-13 font-bold">{t('playground.route')}</h2>
        {decisions.data === undefined && turn.route === undefined && !ended ? <SkeletonRows rows={3} /> : null}
        <DecisionList decisions={decisions.data ?? []} />
        {decisions.data === undefined || decisions.data.length === 0 ? (
          <p className="px-4 pt-1 pb-3 text-12 text-second">{turn.route?.reason ?? t('playground.noDecision')}</p>
        ) : null}
      </section>
      <section className="border-b border-line px-4 py-3">
        <h2 className="mb-2 text-13 font-bold">{t('playground.usage')}</h2>
        <UsageAndCost turn={turn} charges={charges.data} cost={trace.data == null ? undefined : costOfTrace(trace.data)} ended={ended} />
        {traceId === '' ? null : (
          <Link to="/traces/$traceId" params={{ traceId }} className="mt-3 inline-flex items-center gap-1.5 text-12 text-accent hover:underline">
            {t('playground.openTrace')}
            <Icon name="arrowRight" size={12} />
          </Link>
        )}
      </section>
      <CodePanel ask={turn.ask} />
    </>
  );
}

function CacheLine({ turn: { route } }: { readonly turn: Turn }) {
  const t = useT();
  const format = useFormat();
  if (route?.cache == null && route?.warnings == null) return null;
  const facts: Fact[] = [
    ...(route.cache === null
      ? []
      : [
          {
            label: t('playground.cache'),
            value:
              route.cache === 'miss'
                ? t('playground.cacheMiss')
                : t(route.cache === 'semantic-hit' ? 'playground.cacheSemantic' : 'playground.cacheHit', { age: format.duration((route.ageS ?? 0) * 1000) }),
          },
        ]),
    ...(route.savedUsd === null ? [] : [{ label: t('costs.saved'), value: format.usd(Number(route.savedUsd)) }]),
    ...(route.warnings === null ? [] : [{ label: t('playground.warnings'), value: <span className="text-amber">{route.warnings}</span> }]),
  ];
  return (
    <section aria-label={t('playground.cache')} className="border-b border-line px-4 py-3">
      <FactList facts={facts} />
    </section>
  );
}

interface UsageAndCostProps {
  readonly turn: Turn;
  readonly charges: readonly Charge[] | undefined;
  readonly cost: ReturnType<typeof costOfTrace> | undefined;
  readonly ended: boolean;
}

/** Tokens as they were charged, and until then as the answer has said. */
function UsageAndCost({ turn, charges, cost, ended }: UsageAndCostProps) {
  const t = useT();
  const format = useFormat();
  const usageFacts = useUsageFacts();
  const charged = charges === undefined || charges.length === 0 ? undefined : charges.reduce((sum, charge) => addUsage(sum, charge.usage), ZERO_USAGE);
  const usage = charged ?? turn.usage;
  const source = charges?.find((charge) => charge.priceSource !== null)?.priceSource;
  return (
    <FactList
      facts={[
        ...(usage === undefined ? [] : usageFacts(usage)),
        {
          label: t('playground.cost'),
          value: !ended ? (
            '–'
          ) : cost?.settled !== true ? (
            t('playground.settling')
          ) : cost.costNanoUsd === null ? (
            t('common.noPrice')
          ) : (
            <span className="font-medium">{format.nanoMoney(cost.costNanoUsd)}</span>
          ),
        },
        ...(source === undefined || source === null ? [] : [{ label: t('models.price'), value: source === 'model' ? t('models.priceOfModel') : source }]),
        { label: t('playground.firstToken'), value: format.duration(turn.firstTokenMs) },
        { label: t('playground.total'), value: format.duration(turn.totalMs) },
        ...(turn.route?.endpoint ? [{ label: t('playground.endpoint'), value: turn.route.endpoint }] : []),
      ]}
    />
  );
}
