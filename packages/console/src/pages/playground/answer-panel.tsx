import type { ServedModel } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { decisionsQuery, traceCostQuery } from '../../api/queries.ts';
import { DecisionList } from '../../components/decision-list.tsx';
import { FactList } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { SkeletonRows } from '../../components/states.tsx';
import { SimulatedTag } from '../../components/tag.tsx';
import { useUsageFacts } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import type { Turn } from './conversation.ts';
import { SourcePassage } from './source-passage.tsx';

interface AnswerPanelProps {
  readonly turn: Turn | undefined;
  readonly model: ServedModel | undefined;
  readonly source: number | undefined;
  readonly onSource: (index: number | undefined) => void;
}

/** Beside the conversation: the passage that was cited, why the route was chosen, and what it cost. */
export function AnswerPanel({ turn, model, source, onSource }: AnswerPanelProps) {
  const t = useT();
  const passage = source === undefined ? undefined : turn?.sources[source];
  return (
    <aside
      aria-label={t('playground.details')}
      className="shrink-0 overflow-y-auto border-line bg-panel max-column:border-t column:w-[300px] column:border-l wide:w-[380px]"
    >
      {passage === undefined ? null : <SourcePassage source={passage} number={(source ?? 0) + 1} onClose={() => onSource(undefined)} />}
      {turn === undefined ? <ModelCard model={model} /> : <TurnDetails turn={turn} />}
    </aside>
  );
}

function ModelCard({ model }: { readonly model: ServedModel | undefined }) {
  const t = useT();
  if (model === undefined) return null;
  return (
    <div className="px-4 py-4">
      <h2 className="flex items-center gap-2 font-bold">
        {model.id}
        {model.simulated ? <SimulatedTag /> : null}
      </h2>
      <p className="mb-3 text-12 text-third">{t(`models.kind.${model.kind}`)}</p>
      <div className="text-12 text-second">{model.card === null ? <p>{model.description ?? t('models.noCard')}</p> : <Markdown source={model.card} />}</div>
    </div>
  );
}

const SETTLE_MS = 300;
/** After this many looks the cost stays open; a platform under load settles later, and the trace shows it then. */
const SETTLE_POLLS = 60;

function TurnDetails({ turn }: { readonly turn: Turn }) {
  const t = useT();
  const format = useFormat();
  const usageFacts = useUsageFacts();
  const traceId = turn.route?.traceId ?? '';
  const ended = turn.state === 'done' || turn.state === 'stopped';
  const decisions = useQuery({
    ...decisionsQuery(traceId),
    enabled: traceId !== '',
    refetchInterval: (query) =>
      query.state.dataUpdateCount < 12 && (query.state.data ?? []).every((decision) => decision.realisedCachedTokens === null) ? 1000 : false,
  });
  const cost = useQuery({
    ...traceCostQuery(traceId),
    enabled: ended && traceId !== '',
    refetchInterval: ({ state }) => (state.dataUpdateCount < SETTLE_POLLS && state.data?.settled !== true ? SETTLE_MS : false),
  });
  return (
    <>
      <section className="border-b border-line">
        <h2 className="flex items-center gap-2 px-4 pt-3 text-13 font-bold">{t('playground.route')}</h2>
        {decisions.data === undefined && turn.route === undefined ? <SkeletonRows rows={3} /> : null}
        <DecisionList decisions={decisions.data ?? []} />
        {decisions.data?.length === 0 || (decisions.isError && turn.route !== undefined) ? (
          <p className="px-4 py-3 text-12 text-second">{turn.route?.reason ?? t('playground.noDecision')}</p>
        ) : null}
      </section>
      <section className="px-4 py-3">
        <h2 className="mb-2 text-13 font-bold">{t('playground.usage')}</h2>
        <FactList
          facts={[
            ...(turn.usage === undefined ? [] : usageFacts(turn.usage)),
            {
              label: t('playground.cost'),
              value: !ended
                ? '–'
                : cost.data?.settled !== true
                  ? t('playground.settling')
                  : cost.data.costNanoUsd === null
                    ? t('common.noPrice')
                    : format.nanoMoney(cost.data.costNanoUsd),
            },
            { label: t('playground.firstToken'), value: format.duration(turn.firstTokenMs) },
            { label: t('playground.total'), value: format.duration(turn.totalMs) },
            ...(turn.route?.endpoint ? [{ label: t('playground.endpoint'), value: turn.route.endpoint }] : []),
          ]}
        />
        {traceId === '' ? null : (
          <Link to="/traces/$traceId" params={{ traceId }} className="mt-3 inline-flex items-center gap-1.5 text-12 text-accent hover:underline">
            {t('playground.openTrace')}
            <Icon name="arrowRight" size={12} />
          </Link>
        )}
      </section>
    </>
  );
}
